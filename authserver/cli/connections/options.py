"""How a connection and its fields are named at the command line."""

from collections.abc import Callable, Iterable
from typing import Any

import click

from authserver.cli.command import Report
from authserver.core.database.engine import Transaction
from authserver.federation.administration.policy import MAX_POSITION
from authserver.federation.values import Target
from authserver.tenants.service import get_by_slug

NONE = "none"
NAME = click.argument("name")
TENANT = click.option(
    "--tenant", "slug", help="The slug of the tenant whose it is. Default: the platform's."
)
SECRET = click.option(
    "--secret-stdin", is_flag=True, help="Read the client secret from standard input."
)
_LISTS = ("scopes", "allowed", "default_roles")
_PAIRS = {"claims": str.partition, "group_roles": str.rpartition}


def _again(text: str) -> str:
    return f"{text}. May be given again; `none` for none."


_FIELDS = (
    click.option("--scope", "scopes", multiple=True, help=_again("A scope to ask for")),
    click.option(
        "--allow",
        "allowed",
        multiple=True,
        help=_again(
            "Who may come in: a Workspace's domain (google), a directory's id (azure_ad), an"
            " organisation (github)"
        ),
    ),
    click.option(
        "--claim",
        "claims",
        multiple=True,
        metavar="TARGET=CLAIM",
        help=_again(f"Read one of {', '.join(Target)} of another claim"),
    ),
    click.option(
        "--link-only/--sign-in",
        default=None,
        help="Whether it signs nobody in, and people can only link it. Default: it does.",
    ),
    click.option(
        "--creates-people/--no-creates-people",
        default=None,
        help="Whether who has no account gets one; of a tenant's own. Default: no.",
    ),
    click.option(
        "--default-role",
        "default_roles",
        multiple=True,
        help=_again("A role of who gets an account by a tenant's own; never a privileged one"),
    ),
    click.option(
        "--group-role",
        "group_roles",
        multiple=True,
        metavar="GROUP=ROLE",
        help=_again("A role for a group of the provider's; never a privileged one"),
    ),
    click.option(
        "--trusts-amr/--no-trusts-amr",
        default=None,
        help="Whether a second factor at a tenant's own provider counts here. Default: no.",
    ),
    click.option(
        "--keeps-tokens/--no-keeps-tokens",
        default=None,
        help="Whether the provider's tokens are kept, encrypted. Default: no.",
    ),
    click.option(
        "--position",
        type=click.IntRange(0, MAX_POSITION),
        help="Where the button stands among others: lower comes first. Default: 0.",
    ),
)


def fields(*, required: bool) -> Callable[[Callable[..., Report]], Callable[..., Report]]:
    """Give a command an option for each field; `required`: a label and a client id are needed."""
    first = (
        click.option("--label", required=required, help="What the button says: Google, Acme SSO."),
        click.option("--client-id", required=required, help="What the provider calls this server."),
    )

    def decorate(body: Callable[..., Report]) -> Callable[..., Report]:
        for option in reversed((*first, *_FIELDS)):
            body = option(body)
        return body

    return decorate


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were named, as a connection has them. Raises UsageError."""
    found = {name: value for name, value in options.items() if value not in {None, ()}}
    for name in found.keys() & set(_LISTS):
        found[name] = _several(found[name])
    for name in found.keys() & set(_PAIRS):
        found[name] = dict(_pair(text, _PAIRS[name]) for text in _several(found[name]))
    return found


def owner_of(transaction: Transaction, slug: str | None) -> str | None:
    """Return the id of the tenant, None for the platform. Raises NotFound."""
    return get_by_slug(transaction, slug).id if slug else None


def _several(values: Iterable[str]) -> tuple[str, ...]:
    """Return what was given, nothing for the word `none` alone."""
    kept = tuple(values)
    return () if kept == (NONE,) else kept


def _pair(text: str, split: Callable[[str, str], tuple[str, str, str]]) -> tuple[str, str]:
    before, equals, after = split(text, "=")
    if not (equals and before and after):
        raise click.UsageError(f"{text!r} has no '=' between two words.")
    return before, after
