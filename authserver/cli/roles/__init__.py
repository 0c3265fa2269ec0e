"""`authserver roles`: what roles allow, a tenant's own ones, and who holds which until when."""

from datetime import UTC, datetime

import click

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import change, opened
from authserver.cli.people import people
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission
from authserver.roles.custom import NewRole, RoleChange
from authserver.roles.lookup import Role
from authserver.roles.service import Assignment, Grant
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug

_NAME = click.argument("name")
_PERMISSIONS = click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="What it allows; may be given again.",
)


@click.group(
    "roles",
    epilog="\b\nExample:\n  authserver roles list --tenant globex",
)
def command() -> None:
    """Make roles out of permissions, and give roles for good or for a while."""


@make_command("list", group=command, example="authserver roles list --tenant globex --json")
@people.TENANT
def list_roles(settings: Settings, *, slug: str) -> Report:
    """List every role that people of a tenant can have, and what it allows."""
    services = opened(settings)
    with services.database.read() as view:
        tenant = get_by_slug(view, slug)
        found = services.custom_roles.assignable(view, tenant.id)
        documents = [_document(role, slug) for role in found]
        lines = [f"{len(found)} roles in {slug}", *map(_line, found)]
    return Report({"roles": documents}, "\n".join(lines))


@make_command(
    "create",
    group=command,
    example=(
        "authserver roles create night-shift --tenant globex --description 'Unlocks at night.'"
        " --permission users:read --permission users:unlock"
    ),
)
@_NAME
@people.TENANT
@click.option("--description", required=True, help="What it is for.")
@_PERMISSIONS
def create(
    settings: Settings, *, name: str, slug: str, description: str, permissions: tuple[str, ...]
) -> Report:
    """Make a role of the tenant's own. Tokens call it <tenant>/<name>; the name stays."""
    services, new = opened(settings), NewRole(name, description, permissions)

    def job(transaction: Transaction, tenant: Tenant) -> Role:
        return services.custom_roles.create(transaction, tenant.id, new, actor=operator(tenant.id))

    role = change(services, slug, job)
    return Report(_document(role, slug), f"Made {_line(role).strip()}")


@make_command(
    "set",
    group=command,
    example="authserver roles set night-shift --tenant globex --permission users:read",
)
@_NAME
@people.TENANT
@click.option("--description", help="What it is for.")
@_PERMISSIONS
@click.option("--nothing", is_flag=True, help="It allows nothing here: a name for your own APIs.")
def set_role(
    settings: Settings,
    *,
    name: str,
    slug: str,
    description: str | None,
    permissions: tuple[str, ...],
    nothing: bool,
) -> Report:
    """Change what a role of the tenant's own is for, or all that it allows."""
    if nothing and permissions:
        raise click.UsageError("Give either --permission or --nothing.")
    services = opened(settings)
    wanted = RoleChange(description, permissions if permissions or nothing else None)

    def job(transaction: Transaction, tenant: Tenant) -> Role:
        return services.custom_roles.change(
            transaction, tenant.id, name, change=wanted, actor=operator(tenant.id)
        )

    role = change(services, slug, job)
    return Report(_document(role, slug), _line(role).strip())


@make_command(
    "delete", group=command, example="authserver roles delete night-shift --tenant globex"
)
@_NAME
@people.TENANT
def delete(settings: Settings, *, name: str, slug: str) -> Report:
    """Delete a role of the tenant's own, and take it from everybody."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> int:
        return services.custom_roles.delete(transaction, tenant.id, name, actor=operator(tenant.id))

    count = change(services, slug, job)
    document = {"tenant": slug, "role": name, "people": count}
    return Report(document, f"{name} is gone from {slug}; {count} people had it.")


@make_command(
    "give",
    group=command,
    example=(
        "authserver roles give night-shift --tenant globex --email ada@globex.example"
        " --until 2027-01-01T00:00:00Z"
    ),
)
@_NAME
@people.TENANT
@people.EMAIL
@click.option("--until", help="When it ends, as 2027-01-01T00:00:00Z; without: for good.")
def give(settings: Settings, *, name: str, slug: str, email: str, until: str | None) -> Report:
    """Give a person one more role, or set when one ends. Holds for the next token."""
    services, grant = opened(settings), Grant(name, _moment(until))

    def job(transaction: Transaction, tenant: Tenant) -> list[Assignment]:
        user = people.find(transaction, tenant, email)
        return services.roles.give(
            transaction, tenant.id, user.id, grant=grant, actor=operator(tenant.id)
        )

    return _held(change(services, slug, job), slug, email)


@make_command(
    "take",
    group=command,
    example="authserver roles take night-shift --tenant globex --email ada@globex.example",
)
@_NAME
@people.TENANT
@people.EMAIL
def take(settings: Settings, *, name: str, slug: str, email: str) -> Report:
    """Take a role from a person. Holds for the next token."""
    services = opened(settings)

    def job(transaction: Transaction, tenant: Tenant) -> list[Assignment]:
        user = people.find(transaction, tenant, email)
        return services.roles.take(
            transaction, tenant.id, user.id, role=name, actor=operator(tenant.id)
        )

    return _held(change(services, slug, job), slug, email)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("Write a time as 2027-01-01T00:00:00Z.") from error
    if moment.tzinfo is None:
        raise click.BadParameter("Say in which time zone: 2027-01-01T00:00:00Z.")
    return moment.astimezone(UTC)


def _document(role: Role, slug: str) -> dict[str, object]:
    return {
        "tenant": slug,
        "name": role.name,
        "custom": role.custom is not None,
        "description": role.description,
        "permissions": sorted(role.permissions),
    }


def _line(role: Role) -> str:
    allowed = " ".join(sorted(role.permissions)) or "nothing here"
    return f"  {role.name}: {role.description} Allows {allowed}."


def _held(assignments: list[Assignment], slug: str, email: str) -> Report:
    roles = [
        {"role": one.role, "until": one.until.isoformat() if one.until else None}
        for one in assignments
    ]
    ends = (
        f"{one.role}{f' until {one.until:%Y-%m-%d %H:%M} UTC' if one.until else ''}"
        for one in assignments
    )
    text = f"{email} in {slug}: {', '.join(ends) or 'no roles'}."
    return Report({"tenant": slug, "email": email, "roles": roles}, text)
