"""How a trusted issuer and its fields are named at the command line."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from authserver.clients.policy import SIGNING_ALGORITHMS
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.oauth.assertions.values import LONGEST, STANDARD, SubjectKind
from authserver.wiring.services import Services

NAME = click.argument("name")
TENANT = click.option("--tenant", "slug", required=True, help="The slug of the tenant.")
SUBJECT = click.option(
    "--subject",
    type=click.Choice([kind.value for kind in SubjectKind]),
    required=True,
    help=(
        "Whom `sub` leads to: a client, a person by a verified `email`, or one by the identity that"
        " is linked to the account."
    ),
)
ISSUER = click.option("--issuer", required=True, help="What stands in `iss`, byte for byte.")
_LISTS = ("clients", "scopes", "algorithms")
_FIELDS = (
    click.option(
        "--jwks",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with its public keys.",
    ),
    click.option("--jwks-uri", help="Where it publishes its keys, https."),
    click.option(
        "--algorithm",
        "algorithms",
        type=click.Choice(list(SIGNING_ALGORITHMS)),
        multiple=True,
        help="One that it signs with; may be given again. Default: every one.",
    ),
    click.option(
        "--client", "clients", multiple=True, help="A client that may bring its assertions; again."
    ),
    click.option(
        "--scope",
        "scopes",
        multiple=True,
        help="A scope that may come of them; may be given again.",
    ),
    click.option(
        "--machine",
        "machines",
        multiple=True,
        metavar="SUB=CLIENT_ID",
        help="What it calls a client, where `sub` leads to clients; may be given again.",
    ),
    click.option(
        "--connection",
        help="The connection that identities are linked by: the tenant's, or the platform's.",
    ),
    click.option(
        "--longest",
        type=click.IntRange(1, LONGEST),
        help=f"Seconds that an assertion may be good for. Default: {STANDARD}.",
    ),
    click.option(
        "--trusts-amr/--no-trusts-amr",
        default=None,
        help="Whether `mfa` in its `amr` counts as a second factor. Default: no.",
    ),
)


def fields(body: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what is trusted."""
    for option in reversed(_FIELDS):
        body = option(body)
    return body


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, by the names of `Trusted`; a connection still by its name."""
    values = {name: value for name, value in asked.items() if value not in (None, ())}
    if "jwks" in values:
        values |= {"jwks": _read(values["jwks"]), "jwks_uri": None}
    elif "jwks_uri" in values:
        values["jwks"] = None
    if "machines" in values:
        values["subjects"] = dict(_pair(text) for text in values.pop("machines"))
    return values


def resolved(
    services: Services, transaction: Transaction, tenant_id: str, *, values: dict[str, Any]
) -> dict[str, Any]:
    """Return the values with the connection's id instead of its name. Raises NotFound."""
    name = values.get("connection")
    others = {key: value for key, value in values.items() if key != "connection"}
    if name is None:
        return others
    found = services.federation.connections
    try:
        connection = found.get(transaction, tenant_id, name)
    except NotFound:
        connection = found.get(transaction, None, name)
    return {**others, "connection_id": connection.id}


def _pair(text: str) -> tuple[str, str]:
    sub, equals, client_id = text.rpartition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not SUB=CLIENT_ID", param_hint="--machine")
    return sub, client_id


def _read(path: Path) -> object:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{path} is not JSON: {error}", param_hint="--jwks") from error
