"""`authserver clients list`, `show`, `disable` and `enable`."""

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.clients.metadata.document import document_of
from authserver.clients.models import Client
from authserver.settings import Settings
from authserver.tenants.service import get_by_slug

_TENANT = click.option(
    "--tenant", "slug", required=True, help="The slug of the tenant it belongs to."
)
_OWN = ("kind", "audiences", "ip_allowlist", "rate", "pkce_required", "first_party")
_OWN_TOO = ("quota_day", "quota_month", "at_tenant_issuer", "access_token_alg", "self_registered")


@make_command("list", example="authserver clients list --tenant acme")
@_TENANT
def list_all(settings: Settings, *, slug: str) -> Report:
    """List a tenant's clients, oldest first."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        found = [_summary(client) for client in services.clients.all_of(view, tenant.id)]
    lines = [_line(one) for one in found] or [f"{slug} has no clients."]
    return Report({"tenant": slug, "clients": found}, "\n".join(lines))


@make_command("show", example="authserver clients show cli_01h... --tenant acme")
@click.argument("client_id")
@_TENANT
def show(settings: Settings, *, client_id: str, slug: str) -> Report:
    """Show everything that is registered of a client; no secret is readable."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        client = services.clients.get(view, tenant.id, client_id)
        document = {"tenant": slug, **full_document(client)}
    width = max(map(len, document))
    lines = [f"{name:<{width}}  {_said(value)}" for name, value in document.items()]
    return Report(document, "\n".join(lines))


@make_command("disable", example="authserver clients disable cli_01h... --tenant acme")
@click.argument("client_id")
@_TENANT
def disable(settings: Settings, *, client_id: str, slug: str) -> Report:
    """Switch a client off: its tokens end at once."""
    return _switch(settings, client_id, slug, enabled=False)


@make_command("enable", example="authserver clients enable cli_01h... --tenant acme")
@click.argument("client_id")
@_TENANT
def enable(settings: Settings, *, client_id: str, slug: str) -> Report:
    """Let a client that was switched off work again."""
    return _switch(settings, client_id, slug, enabled=True)


def full_document(client: Client) -> dict[str, object]:
    """Return everything that is registered of a client, for operators."""
    own = {name: getattr(client, name) for name in (*_OWN, *_OWN_TOO)}
    return {**document_of(client), **own, "enabled": client.disabled_at is None}


def _switch(settings: Settings, client_id: str, slug: str, *, enabled: bool) -> Report:
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: services.clients.set_enabled(
            transaction, tenant.id, client_id, enabled=enabled, actor=operator(tenant.id)
        ),
    )
    said = "works again" if enabled else "is switched off, and its tokens have ended"
    document = {"client_id": client_id, "tenant": slug, "enabled": enabled}
    return Report(document, f"{client_id} {said}.")


def _summary(client: Client) -> dict[str, object]:
    return {
        "client_id": client.id,
        "name": client.name,
        "kind": client.kind,
        "self_registered": client.self_registered,
        "vouched_for": client.vouched_for,
        "enabled": client.disabled_at is None,
    }


def _line(one: dict[str, object]) -> str:
    marks = [] if one["enabled"] else ["disabled"]
    marks += ["registered itself"] if one["self_registered"] else []
    return f"{one['client_id']}  {one['kind']:<8} {one['name']}" + (
        f"  ({', '.join(marks)})" if marks else ""
    )


def _said(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(one) for one in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
