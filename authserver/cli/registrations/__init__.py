"""`authserver registrations`: what lets clients register themselves."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.clients.registering.models import InitialAccessToken
from authserver.clients.registering.policy import (
    KINDS,
    LONGEST_LIFE,
    MOST_CLIENTS,
    UNUSED_FOR,
    NewInitialToken,
)
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.policy import ClientRegistration
from authserver.tenants.service import get_by_slug

_TENANT = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
_ONCE = "It is shown this once and nowhere readable afterwards: keep it now."


@click.group(
    "registrations",
    epilog=(
        "\b\nExample:\n  authserver registrations create-token --tenant acme"
        " --name Certification --clients 20"
    ),
)
def command() -> None:
    """Let clients register themselves: tokens that allow it, and what became of them."""


@make_command(
    "create-token",
    group=command,
    example=(
        "authserver registrations create-token --tenant acme --name Certification --clients 20"
    ),
)
@_TENANT
@click.option("--name", required=True, help="What it is for: operators see it.")
@click.option(
    "--clients",
    type=click.IntRange(1, MOST_CLIENTS),
    default=1,
    show_default=True,
    help="How many clients may register with it.",
)
@click.option(
    "--days",
    type=click.IntRange(1, LONGEST_LIFE.days),
    default=30,
    show_default=True,
    help="How long it may be used.",
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    default=("web",),
    show_default=True,
    help="Which kinds of clients. May be given again.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="What they may ask for; by default the scopes of OpenID Connect. May be given again.",
)
@click.option(
    "--vouched",
    "vouches",
    is_flag=True,
    help="You know who registers with it: errors go straight to their redirect URIs, as to"
    " applications that you registered. Without it a page asks first.",
)
@click.option(
    "--statement-issuer",
    metavar="URL",
    help="Whose software statement each of them has to bring, with --statement-jwks.",
)
@click.option(
    "--statement-jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the public keys of that issuer.",
)
def create_token(
    settings: Settings,
    *,
    slug: str,
    days: int,
    statement_jwks: Path | None,
    **asked: Any,  # noqa: ANN401
) -> Report:
    """Make an initial access token and print it, once."""
    services = opened(settings)
    keys = _read(statement_jwks)
    if not asked["scopes"]:
        del asked["scopes"]

    def job(transaction: Transaction, tenant: Tenant) -> tuple[dict[str, object], str, str]:
        new = NewInitialToken(
            tenant_id=tenant.id, life=timedelta(days=days), statement_keys=keys, **asked
        )
        row, token = services.self_service.tokens.create(
            transaction, new, actor=operator(tenant.id)
        )
        return _document(row), token, tenant.client_registration

    document, token, openness = change(services, slug, job)
    text = f"  initial_access_token  {token}\n{_ONCE}"
    if openness == ClientRegistration.CLOSED:
        text += (
            f"\nNobody registers in {slug} yet: `authserver tenants set {slug}"
            " --client-registration pkce-required` lets them."
        )
    return Report({"tenant": slug, **document, "initial_access_token": token}, text)


@make_command("list", group=command, example="authserver registrations list --tenant acme")
@_TENANT
def list_all(settings: Settings, *, slug: str) -> Report:
    """List a tenant's initial access tokens, oldest first; not the tokens themselves."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        found = [_document(row) for row in services.self_service.tokens.all_of(view, tenant.id)]
    lines = [
        f"{one['id']}  {one['name']}: {one['clients_left']} left of kind {' '.join(one['kinds'])},"
        f" {'revoked' if one['revoked'] else 'until ' + one['expires_at']}"
        for one in found
    ]
    text = "\n".join(lines) or f"{slug} has no initial access tokens."
    return Report({"tenant": slug, "tokens": found}, text)


@make_command(
    "revoke-token",
    group=command,
    example="authserver registrations revoke-token ini_01h... --tenant acme",
)
@click.argument("token_id")
@_TENANT
def revoke_token(settings: Settings, *, token_id: str, slug: str) -> Report:
    """Let nobody register with a token any more; clients that did stay."""
    services = opened(settings)
    document = change(
        services,
        slug,
        lambda transaction, tenant: _document(
            services.self_service.tokens.revoke(
                transaction, tenant.id, token_id, actor=operator(tenant.id)
            )
        ),
    )
    return Report({"tenant": slug, **document}, f"Nobody registers with {token_id} any more.")


@make_command(
    "renew",
    group=command,
    example="authserver registrations renew cli_01h... --tenant acme",
)
@click.argument("client_id")
@_TENANT
def renew(settings: Settings, *, client_id: str, slug: str) -> Report:
    """Give a client that lost it a new registration access token, and print it, once."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> str:
        token = services.self_service.registrations.renew_token(
            transaction, tenant.id, client_id, actor=operator(tenant.id)
        )
        if token is None:
            raise NotFound(f"No client {client_id} registered itself in {slug}.")
        return token

    token = change(services, slug, job)
    document = {"client_id": client_id, "tenant": slug, "registration_access_token": token}
    return Report(document, f"  registration_access_token  {token}\n{_ONCE}")


@make_command("prune", group=command, example="authserver registrations prune")
def prune(settings: Settings) -> Report:
    """End the clients that registered themselves and that nobody has used for long.

    The server does so by itself, every hour.
    """
    services = opened(settings)
    gone: list[str] = []
    while some := services.self_service.registrations.prune():
        gone += some
    services.watch.changed()
    text = f"{len(gone)} clients that nobody used for {UNUSED_FOR.days} days are gone."
    return Report({"clients": gone}, text)


def _document(row: InitialAccessToken) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kinds": row.kinds,
        "scopes": row.scopes,
        "clients_left": row.clients_left,
        "vouched": row.vouches,
        "statement_issuer": row.statement_issuer,
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
        "revoked": row.revoked_at is not None,
    }


def _read(path: Path | None) -> object:
    if path is None:
        return None
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(
            f"{path} is not JSON: {error}", param_hint="--statement-jwks"
        ) from error
