"""`authserver clients secrets`, `revoke-secret`, `delete` and `snippets`."""

from datetime import datetime

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.clients.models import ClientSecret
from authserver.clients.snippets.service import LANGUAGES, programs
from authserver.settings import Settings
from authserver.tenants.resolve import tenant_issuer
from authserver.tenants.service import get_by_slug

_TENANT = click.option(
    "--tenant", "slug", required=True, help="The slug of the tenant it belongs to."
)


@make_command("secrets", example="authserver clients secrets cli_01h... --tenant acme")
@click.argument("client_id")
@_TENANT
def secrets(settings: Settings, *, client_id: str, slug: str) -> Report:
    """List a client's secrets, newest first: when they were made and end, not what they are."""
    services = opened(settings)
    with services.database.read() as view:
        client = services.clients.get(view, get_by_slug(view, slug).id, client_id)
        found = [_document(row) for row in services.clients.secrets.all_of(view, client)]
    lines = [f"{one['id']}  made {one['created_at']}  {_ends(one)}" for one in found]
    text = "\n".join(lines) or f"{client_id} has no secrets."
    return Report({"client_id": client_id, "tenant": slug, "secrets": found}, text)


@make_command(
    "revoke-secret", example="authserver clients revoke-secret cli_01h... sec_01h... --tenant acme"
)
@click.argument("client_id")
@click.argument("secret_id")
@_TENANT
def revoke_secret(settings: Settings, *, client_id: str, secret_id: str, slug: str) -> Report:
    """End a secret now, and the client's tokens with it."""
    services = opened(settings)
    document = change(
        services,
        slug,
        lambda transaction, tenant: _document(
            services.clients.revoke_secret(
                transaction,
                tenant.id,
                client_id,
                secret_id=secret_id,
                actor=operator(tenant.id),
            )
        ),
    )
    return Report({"client_id": client_id, "tenant": slug, **document}, f"{secret_id} has ended.")


@make_command("delete", example="authserver clients delete cli_01h... --tenant acme")
@click.argument("client_id")
@_TENANT
def delete(settings: Settings, *, client_id: str, slug: str) -> Report:
    """End a client for good, with its secrets and tokens. Its name stays in the trail."""
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: services.amendments.delete(
            transaction,
            tenant.id,
            client_id,
            reason="deleted by an operator",
            actor=operator(tenant.id),
        ),
    )
    return Report({"client_id": client_id, "tenant": slug}, f"{client_id} is gone.")


@make_command(
    "snippets",
    example="authserver clients snippets cli_01h... --tenant acme --language python",
)
@click.argument("client_id")
@_TENANT
@click.option("--language", type=click.Choice(LANGUAGES), help="By default all there are.")
def snippets(settings: Settings, *, client_id: str, slug: str, language: str | None) -> Report:
    """Print programs to paste that get a token for the client; none holds a secret."""
    services = opened(settings)
    issuer = services.settings.issuer
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        client = services.clients.get(view, tenant.id, client_id)
        own = tenant_issuer(issuer, slug, tenant.issuer_host)
        own = own if client.at_tenant_issuer else issuer
        found = programs(client, own, (language,) if language else LANGUAGES)
    document = {program.language: program.code for program in found}
    text = "\n".join(program.code for program in found) or "There is none for this kind of client."
    return Report({"client_id": client_id, "tenant": slug, "snippets": document}, text)


def _document(row: ClientSecret) -> dict[str, str | None]:
    return {
        "id": row.id,
        "created_at": row.created_at.isoformat(timespec="seconds"),
        "expires_at": _written(row.expires_at),
        "revoked_at": _written(row.revoked_at),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _ends(one: dict[str, str | None]) -> str:
    if one["revoked_at"]:
        return f"ended {one['revoked_at']}"
    return f"ends {one['expires_at']}" if one["expires_at"] else "stays until it is replaced"
