"""`authserver api-keys`: keys by which programs of people and services call APIs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select

from authserver.api_keys import form
from authserver.api_keys.models import ApiKey
from authserver.api_keys.service import NewKey
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people import people
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound, Problem
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug

_TENANT = click.option("--tenant", "slug", required=True, help="Slug of the tenant it belongs to.")
_ONCE = "Shown once and stored as a hash: keep it now."


class Mistyped(Problem):
    """The checksum does not fit."""

    code = "mistyped_api_key"
    title = "This is no API key: a character is wrong or missing"


@click.group("api-keys", epilog="\b\nExample:\n  authserver api-keys list --tenant acme")
def command() -> None:
    """Make, list and revoke API keys, and look whose one is."""


@make_command(
    "create",
    group=command,
    example=(
        "authserver api-keys create --tenant acme --client cli_01h... --name import"
        " --scope orders:read --days 90"
    ),
)
@_TENANT
@click.option("--client", "client_id", help="A client of kind service.")
@click.option("--email", help="The person's email address.")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help="What it may do; may be given again."
)
@click.option("--role", "roles", multiple=True, help="A role of the person that services see.")
@click.option("--days", type=click.IntRange(1, 3653), help="It ends after so many days.")
@click.option("--from", "networks", multiple=True, help="Good only from this address or network.")
def create(
    settings: Settings, *, slug: str, client_id: str | None, email: str | None, **asked: object
) -> Report:
    """Make a key for a service or a person, and print it, once.

    It does what its owner may do, of what is given here; the owner is told by mail.
    """
    if (client_id is None) == (email is None):
        raise click.UsageError("Give either --client or --email.")
    services = opened(settings)
    keys, new = services.api_keys.service, _asked(asked)

    def job(transaction: Transaction, tenant: Tenant) -> tuple[dict[str, Any], str]:
        by = operator(tenant.id)
        if client_id is not None:
            row, key = keys.for_service(
                transaction, new, tenant_id=tenant.id, client_id=client_id, actor=by
            )
        else:
            user = people.find(transaction, tenant, email or "")
            row, key = keys.for_person(
                transaction, new, tenant_id=tenant.id, user_id=user.id, actor=by
            )
        return _document(row), key

    document, key = change(services, slug, job)
    return Report({"tenant": slug, **document, "key": key}, f"  key  {key}\n{_ONCE}")


@make_command("list", group=command, example="authserver api-keys list --tenant acme")
@_TENANT
@click.option("--all", "every", is_flag=True, help="Revoked ones, too.")
def list_all(settings: Settings, *, slug: str, every: bool) -> Report:
    """List a tenant's keys, oldest first: whose each is, what it may do and when it was used."""
    services = opened(settings)
    query = select(ApiKey).order_by(ApiKey.id)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        wanted = query if every else query.where(ApiKey.revoked_at.is_(None))
        rows = [*view.tenant(tenant.id).scalars(wanted)]
        ids = [row.id for row in rows]
        live = services.api_keys.service.standing(view, tenant.id, ids)
        found = [_document(row) | {"live": row.id in live} for row in rows]
    lines = [_line(one) for one in found] or [f"{slug} has no API keys."]
    return Report({"tenant": slug, "api_keys": found}, "\n".join(lines))


@make_command(
    "revoke", group=command, example="authserver api-keys revoke apk_01h... --tenant acme"
)
@click.argument("key_id")
@_TENANT
def revoke(settings: Settings, *, key_id: str, slug: str) -> Report:
    """End a key: the next request with it is refused."""
    services = opened(settings)
    keys = services.api_keys
    document = change(
        services,
        slug,
        lambda transaction, tenant: _document(
            keys.service.revoke(transaction, tenant.id, key_id, actor=operator(tenant.id))
        ),
    )
    keys.news.tell()
    return Report({"tenant": slug, **document}, f"{key_id} is revoked.")


@make_command("whose", group=command, example="authserver api-keys whose < key.txt")
def whose(settings: Settings) -> Report:
    """Read a key from standard input and say whose it is: of one that was found somewhere."""
    key = people.typed().strip()
    if not form.is_key(key) or not form.is_whole(key):
        raise Mistyped
    services = opened(settings)
    with services.database.read() as view:
        query = select(ApiKey).where(ApiKey.key_hash == form.hashed(key))
        row = view.platform().scalar(query)
        if row is None:
            raise NotFound("There is no such API key here.")
        tenant = view.platform().get(Tenant, row.tenant_id)
        document = {"tenant": tenant.slug if tenant else None, **_document(row)}
    return Report(document, f"{document['tenant']}\n{_line(document)}")


def _asked(options: Mapping[str, Any]) -> NewKey:
    days = options["days"]
    return NewKey(
        name=options["name"],
        scopes=tuple(options["scopes"]),
        roles=tuple(options["roles"]),
        networks=tuple(options["networks"]),
        life=timedelta(days=days) if days else None,
    )


def _document(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "user_id": row.user_id,
        "client_id": row.client_id,
        "scopes": row.scopes,
        "roles": row.roles,
        "ip_allowlist": row.ip_allowlist,
        "expires_at": row.expires_at and row.expires_at.isoformat(timespec="seconds"),
        "last_used_at": row.last_used_at and row.last_used_at.isoformat(timespec="seconds"),
        "revoked": row.revoked_at is not None,
    }


def _line(one: dict[str, Any]) -> str:
    state = "revoked" if one["revoked"] else "" if one.get("live", True) else "ended"
    return (
        f"{one['id']}  {one['user_id'] or one['client_id']}  {one['hint']}  {one['name']}:"
        f" {' '.join(one['scopes'])}, used {one['last_used_at'] or 'never'} {state}"
    ).rstrip()
