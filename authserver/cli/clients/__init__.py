"""`authserver clients`: applications, services and partners."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from authserver.cli.clients.looking import disable, enable, list_all, show
from authserver.cli.clients.options import NONE, look_up, read, take_logo, with_options
from authserver.cli.clients.quotas import quotas
from authserver.cli.clients.secrets import delete, revoke_secret, secrets, snippets
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.clients.amending import amended, registration_from
from authserver.clients.options import Options
from authserver.clients.policy import KINDS, AuthMethod
from authserver.clients.registration import Registration
from authserver.clients.secrets import LONGEST_LIFE, Plan
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug

_SHOWN = ("name", "kind", "auth_method", "grant_types", "redirect_uris", "scopes", "audiences")
_LINKS = ("policy_uri", "tos_uri")
_SHOWN_TOO = ("ip_allowlist", "rate", "pkce_required", "first_party", "at_tenant_issuer", *_LINKS)
_ONCE = "It is shown this once and nowhere readable afterwards: keep it now."


@click.group(
    "clients",
    epilog=(
        "\b\nExample:\n  authserver clients create --tenant initech --name Billing"
        " --kind partner --scope reports:read"
    ),
)
def command() -> None:
    """Register clients, look at them, change them, rotate their secrets."""


for _one in (list_all, show, disable, enable, delete, secrets, revoke_secret, snippets, quotas):
    command.add_command(_one)


@make_command(
    "create",
    group=command,
    example=(
        "authserver clients create --tenant acme --name Portal --kind web"
        " --redirect-uri https://portal.example/callback --scope openid --scope profile"
    ),
)
@click.option("--tenant", "slug", required=True, help="The slug of the tenant it belongs to.")
@click.option("--name", required=True, help="The name that people see.")
@click.option("--kind", type=click.Choice([*KINDS]), required=True, help="Sets the defaults.")
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="May be given again.")
@click.option("--scope", "scopes", multiple=True, help="May be given again.")
@click.option("--audience", "audiences", multiple=True, help="https URI or URN of an API.")
@click.option("--ip-allow", "ip_allowlist", multiple=True, help="A network (CIDR) it calls from.")
@click.option("--rate", help="Token requests, e.g. 60/minute.")
@click.option("--quota-day", type=int, help="How many tokens it may get in a day, UTC.")
@click.option("--quota-month", type=int, help="How many tokens it may get in a month, UTC.")
@click.option(
    "--auth-method",
    type=click.Choice([method.value for method in AuthMethod]),
    help="How it authenticates; by default as its kind does.",
)
@click.option(
    "--jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with its public keys, for private_key_jwt.",
)
@click.option(
    "--pkce",
    type=click.Choice(["required", "optional"]),
    default="required",
    show_default=True,
    help="'optional' is for confidential clients that cannot do PKCE.",
)
@click.option("--serves", multiple=True, help="Slug of a tenant whose people sign in; '*' is all.")
@click.option("--first-party", is_flag=True, help="People are not asked for consent.")
@click.option("--at-tenant-issuer", is_flag=True, help="It uses the tenant's own issuer.")
@click.option("--policy-uri", help="Its privacy policy, https: people see the link.")
@click.option("--tos-uri", help="Its terms of service, https: people see the link.")
@with_options
def create(settings: Settings, *, slug: str, jwks: Path | None, pkce: str, **asked: Any) -> Report:  # noqa: ANN401  the fields of Registration
    """Register a client and print its secret, once."""
    services = opened(settings)
    asked["jwks"], asked["pkce_required"] = _read_jwks(jwks), pkce == "required"
    given = {name: value for name, value in read(asked.pop("options")).items() if value is not None}
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
    registration = Registration(tenant_id=tenant_id, options=Options(**given), **asked)
    look_up(services, registration)

    def job(transaction: Transaction, tenant: Tenant) -> tuple[dict[str, object], str | None]:
        client, secret = services.clients.register(
            transaction, registration, actor=operator(tenant.id)
        )
        shown = {name: getattr(client, name) for name in (*_SHOWN, *_SHOWN_TOO)}
        shown |= client.options
        return {"client_id": client.id, "tenant": slug, **shown}, secret

    document, secret = change(services, slug, job)
    text = f"Registered {asked['name']} in {slug}.\n  client_id      {document['client_id']}"
    if secret is not None:
        document["client_secret"] = secret
        text += f"\n  client_secret  {secret}\n{_ONCE}"
    text += take_logo(services, tenant_id, str(document["client_id"]))
    return Report(document, text)


@make_command(
    "set",
    group=command,
    example=(
        "authserver clients set cli_01h... --tenant acme"
        " --policy-uri https://portal.example/privacy --tos-uri none"
    ),
)
@click.argument("client_id")
@click.option("--tenant", "slug", required=True, help="The slug of the tenant it belongs to.")
@click.option("--policy-uri", metavar="URL|none", help="Its privacy policy, https.")
@click.option("--tos-uri", metavar="URL|none", help="Its terms of service, https.")
@click.option("--name", help="The name that people see.")
@with_options
def set_metadata(settings: Settings, *, client_id: str, slug: str, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Change what a client says of itself; what is not given stays as it is."""
    wanted = read(asked.pop("options"))
    given = {name: text for name, text in asked.items() if text is not None}
    wanted |= {name: None if text == NONE else text for name, text in given.items()}
    if not wanted:
        raise click.UsageError("Give at least one setting.")
    services = opened(settings)
    with services.database.read() as view:
        tenant_id = get_by_slug(view, slug).id
        present = services.clients.get(view, tenant_id, client_id)
        look_up(services, amended(registration_from(present), wanted))

    def job(transaction: Transaction, tenant: Tenant) -> dict[str, object]:
        client, _ = services.amendments.amend(
            transaction, tenant.id, client_id, changes=wanted, actor=operator(tenant.id)
        )
        options = Options.from_json(client.options)
        shown = {name: getattr(client, name) for name in ("name", *_LINKS)}
        return shown | {name: getattr(options, name) for name in wanted if name not in shown}

    document = change(services, slug, job)
    told = ", ".join(f"{name} {value or NONE}" for name, value in document.items())
    text = f"{client_id} has: {told}.{take_logo(services, tenant_id, client_id)}"
    return Report({"client_id": client_id, "tenant": slug, **document}, text)


@make_command(
    "rotate-secret",
    group=command,
    example="authserver clients rotate-secret cli_01h... --tenant acme --overlap-hours 24",
)
@click.argument("client_id")
@click.option("--tenant", "slug", required=True, help="The slug of the tenant it belongs to.")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 24 * 90),
    default=24,
    show_default=True,
    help="How long the previous secret still works; 0 ends it now, and the tokens it obtained.",
)
@click.option(
    "--expires-days",
    type=click.IntRange(1, LONGEST_LIFE.days),
    help="When the new one ends by itself; administrators are told before. Default: never.",
)
def rotate_secret(
    settings: Settings,
    *,
    client_id: str,
    slug: str,
    overlap_hours: int,
    expires_days: int | None,
) -> Report:
    """Give a client a new secret and print it, once."""
    services = opened(settings)
    overlap = timedelta(hours=overlap_hours) or None
    plan = Plan(overlap, timedelta(days=expires_days) if expires_days else None)

    def job(transaction: Transaction, tenant: Tenant) -> tuple[dict[str, object], str]:
        row, secret = services.clients.rotate_secret(
            transaction, tenant.id, client_id, plan=plan, actor=operator(tenant.id)
        )
        ends = row.expires_at.isoformat(timespec="seconds") if row.expires_at else None
        return {"secret_id": row.id, "expires_at": ends}, secret

    shown, secret = change(services, slug, job)
    document = {"client_id": client_id, "client_secret": secret, "overlap_hours": overlap_hours}
    document |= shown
    until = f"works for {overlap_hours} more hours" if overlap else "has ended, and its tokens"
    text = f"  client_secret  {secret}\n{_ONCE}\nThe previous secret {until}."
    text += f"\nThe new one ends at {shown['expires_at']}." if expires_days else ""
    return Report(document, text)


def _read_jwks(path: Path | None) -> object:
    if path is None:
        return None
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{path} is not JSON: {error}", param_hint="--jwks") from error
