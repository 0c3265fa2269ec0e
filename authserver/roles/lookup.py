"""Roles by their names in a tenant, whether built in or its own; and what somebody may do there."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from authserver.core.database.engine import Transaction
from authserver.core.said import said
from authserver.roles import policy
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.roles.models import CustomRole, RoleAssignment
from authserver.roles.policy import UnknownRole
from authserver.tenants.models import Tenant


@dataclass(frozen=True)
class Role:
    """A role as it is in a tenant now. `name` is what tokens say."""

    name: str
    description: str
    permissions: frozenset[Permission]
    custom: CustomRole | None = None

    @property
    def short(self) -> str:
        """Return its name within the tenant."""
        return self.custom.name if self.custom else self.name


def builtin(name: str) -> Role:
    """Return a built-in role, in whatever case. Raises UnknownRole."""
    known = policy.find_builtin(name)
    return Role(known.name, known.description, known.permissions)


def custom(slug: str, row: CustomRole) -> Role:
    """Return a tenant's own role. A permission that there is no more allows nothing."""
    known = {permission.value: permission for permission in Permission}
    allowed = frozenset(known[name] for name in row.permissions if name in known)
    return Role(policy.token_name(slug, row.name), row.description, allowed, row)


def find(transaction: Transaction, tenant: Tenant, names: Iterable[str]) -> dict[str, Role]:
    """Return roles by the names that tokens have. Raises UnknownRole.

    A tenant's own role is meant by its name as tokens have it, or by what is behind the slash.
    """
    found: dict[str, Role] = {}
    own: dict[str, str] = {}
    for name in names:
        slug, slash, short = name.rpartition("/")
        if slash and slug != tenant.slug:
            raise UnknownRole("There is no such role in this tenant.", field="roles")
        normal = policy.normalise(short)
        if not slash and policy.is_builtin(normal):
            role = builtin(normal)
            found[role.name] = role
        else:
            own[normal] = name
    if own:
        found |= _own(transaction, tenant, own)
    return found


def known(
    transaction: Transaction,
    tenant_id: str,
    names: Iterable[str],
    *,
    made_before: datetime | None = None,
) -> dict[str, frozenset[Permission]]:
    """Return what roles allow that there are now, by their names as tokens have them.

    What is missing is gone; and a role that was made later than something that names it is another
    one of the same name (ATK-112).
    """
    wanted = set(names)
    found = {name: BUILTIN[name].permissions for name in wanted & BUILTIN.keys()}
    own = [name.rpartition("/")[2] for name in wanted if "/" in name]
    if own:
        rows = select(CustomRole, Tenant.slug).join(Tenant, Tenant.id == CustomRole.tenant_id)
        rows = rows.where(CustomRole.name.in_(own))
        if made_before is not None:
            rows = rows.where(CustomRole.created_at <= made_before)
        again = rows.execution_options(populate_existing=True)
        for row, slug in transaction.tenant(tenant_id).execute(again):
            role = custom(slug, row)
            if role.name in wanted:
                found[role.name] = role.permissions
    return found


def own_among(
    transaction: Transaction, tenant_id: str | None, names: Iterable[str]
) -> dict[str, Role]:
    """Return a tenant's own roles by the names that mean them; what means no such role is absent.

    A platform has none.
    """
    found: dict[str, Role] = {}
    tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id) if tenant_id else None
    if tenant is None:
        return found
    for name in dict.fromkeys(names):
        with suppress(UnknownRole):
            (role,) = find(transaction, tenant, [name]).values()
            if role.custom is not None:
                found[name] = role
    return found


def permissions_of(
    transaction: Transaction, tenant_id: str, roles: Iterable[str]
) -> frozenset[Permission]:
    """Return everything that roles allow together. Built-in ones ask the database nothing."""
    return frozenset().union(*known(transaction, tenant_id, roles).values())


def holds_now(now: datetime) -> ColumnElement[bool]:
    """Return the criterion of assignments that have not ended."""
    return or_(RoleAssignment.until.is_(None), RoleAssignment.until > now)


def _own(transaction: Transaction, tenant: Tenant, wanted: dict[str, str]) -> dict[str, Role]:
    query = select(CustomRole).where(CustomRole.name.in_(wanted))
    rows = transaction.tenant(tenant.id).scalars(query.execution_options(populate_existing=True))
    found = {row.name: custom(tenant.slug, row) for row in rows}
    for normal, name in wanted.items():
        if normal not in found:
            raise UnknownRole(
                said(
                    "There is no role '%(name)s'. Built in are: %(builtin)s.",
                    name=name,
                    builtin=", ".join(BUILTIN),
                ),
                field="roles",
            )
    return {role.name: role for role in found.values()}
