"""`authserver resource-servers`: the APIs of a tenant, and what clients may ask of them."""

from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.clients.resources.models import ResourceServer
from authserver.clients.resources.policy import NewResource
from authserver.clients.resources.service import scopes_of
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug

_EVERY, _NONE = "all", "none"
_TENANT = click.option("--tenant", "slug", required=True, help="The tenant's slug.")
_SCOPES = click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="NAME[=WORDS]",
    help="A scope, and what people read where they allow it. May be given again.",
)
_CLIENTS = click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="CLIENT_ID|all",
    help="Who may ask for it; by default every client of the tenant. May be given again.",
)


@click.group(
    "resource-servers",
    epilog=(
        "\b\nExample:\n  authserver resource-servers create https://orders.example/ --tenant acme"
        ' --name Orders --scope "orders:read=See your orders"'
    ),
)
def command() -> None:
    """Register the APIs of a tenant: its clients then ask for these, and for nothing else."""


@make_command(
    "create",
    group=command,
    example=(
        "authserver resource-servers create https://orders.example/ --tenant acme --name Orders"
        ' --scope "orders:read=See your orders" --scope orders:write'
    ),
)
@click.argument("audience")
@_TENANT
@click.option("--name", required=True, help="What people read where they allow something.")
@_SCOPES
@_CLIENTS
def create(settings: Settings, *, audience: str, slug: str, name: str, **asked: Any) -> Report:  # noqa: ANN401  the options above
    """Register an API. AUDIENCE is an https URI or a URN: tokens name it, and it stays."""
    given = _given(asked)
    new = NewResource(audience, name, given.get("scopes", {}), given.get("client_ids"))
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> dict[str, Any]:
        row = services.resources.create(transaction, tenant.id, new, actor=operator(tenant.id))
        return _document(row)

    document = change(services, slug, job)
    return Report({"tenant": slug, **document}, f"Registered {name} ({document['id']}).")


@make_command("list", group=command, example="authserver resource-servers list --tenant acme")
@_TENANT
def list_all(settings: Settings, *, slug: str) -> Report:
    """List a tenant's APIs, oldest first."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        found = [_document(row) for row in services.resources.all_of(view, tenant.id)]
    lines = [_line(one) for one in found] or [f"{slug} has no resource servers."]
    return Report({"tenant": slug, "resource_servers": found}, "\n".join(lines))


@make_command(
    "set",
    group=command,
    example="authserver resource-servers set rsv_01h... --tenant acme --client cli_01h...",
)
@click.argument("server_id")
@_TENANT
@click.option("--name", help="What people read where they allow something.")
@_SCOPES
@_CLIENTS
def set_values(
    settings: Settings,
    *,
    server_id: str,
    slug: str,
    name: str | None,
    **asked: Any,  # noqa: ANN401  the options above
) -> Report:
    """Change an API; a list that is given replaces the one before, `none` is an empty one.

    What a client may not ask for any more is taken from its registration.
    """
    changes = _given(asked) | ({"name": name} if name is not None else {})
    if not changes:
        raise click.UsageError("Give at least one setting.")
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> dict[str, Any]:
        row = services.resources.change(
            transaction, tenant.id, server_id, changes=changes, actor=operator(tenant.id)
        )
        return _document(row)

    document = change(services, slug, job)
    return Report({"tenant": slug, **document}, _line(document))


@make_command(
    "delete",
    group=command,
    example="authserver resource-servers delete rsv_01h... --tenant acme",
)
@click.argument("server_id")
@_TENANT
def delete(settings: Settings, *, server_id: str, slug: str) -> Report:
    """Take an API away, and from every client that had it."""
    services = opened(settings)
    change(
        services,
        slug,
        lambda transaction, tenant: services.resources.delete(
            transaction, tenant.id, server_id, actor=operator(tenant.id)
        ),
    )
    return Report({"tenant": slug, "id": server_id}, f"{server_id} is gone.")


def _given(asked: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return what was given, as the service takes it."""
    given: dict[str, Any] = {}
    if scopes := asked["scopes"]:
        kept = () if scopes == (_NONE,) else scopes
        given["scopes"] = {name: words for name, _, words in (s.partition("=") for s in kept)}
    if clients := asked["clients"]:
        given["client_ids"] = None if clients == (_EVERY,) else _named(clients)
    return given


def _named(clients: tuple[str, ...]) -> list[str]:
    return [] if clients == (_NONE,) else [*clients]


def _document(row: ResourceServer) -> dict[str, Any]:
    return {
        "id": row.id,
        "audience": row.audience,
        "name": row.name,
        "scopes": scopes_of(row),
        "client_ids": row.client_ids,
    }


def _line(one: dict[str, Any]) -> str:
    who = "every client" if one["client_ids"] is None else f"{len(one['client_ids'])} clients"
    scopes = " ".join(one["scopes"]) or "no scopes"
    return f"{one['id']}  {one['name']}  {one['audience']}  ({scopes}; {who})"
