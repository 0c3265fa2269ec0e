"""Roles that a tenant makes out of permissions.

A name stays: tokens, and whoever reads them, know the role by it. Whoever makes or changes a role
holds everything that it allows, before and after; and nobody changes one that they hold themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.core.said import said
from authserver.roles import lookup, policy
from authserver.roles.catalogue import BUILTIN
from authserver.roles.lookup import Role
from authserver.roles.models import CustomRole, RoleAssignment
from authserver.roles.policy import Grantor, UnknownRole
from authserver.roles.service import lock_tenant
from authserver.tenants.models import Tenant

MOST = 200
NO_ROLE = said("There is no such role.")


@dataclass(frozen=True)
class NewRole:
    """A role to make."""

    name: str
    description: str
    permissions: Collection[str]


@dataclass(frozen=True)
class RoleChange:
    """What to change of a role; None leaves it."""

    description: str | None = None
    permissions: Collection[str] | None = None


class CustomRoles:
    """Changes of a tenant's own roles. Without a grantor, the operator decides."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def all(self, transaction: Transaction, tenant_id: str) -> list[Role]:
        """Return a tenant's own roles, by name. Raises NotFound."""
        slug = _tenant(transaction, tenant_id).slug
        rows = transaction.tenant(tenant_id).scalars(select(CustomRole).order_by(CustomRole.name))
        return [lookup.custom(slug, row) for row in rows]

    def assignable(self, transaction: Transaction, tenant_id: str) -> list[Role]:
        """Return every role that people of a tenant can have: built in, then its own."""
        type_ = _tenant(transaction, tenant_id).type
        known = [lookup.builtin(name) for name in BUILTIN]
        fit = [role for role in known if policy.fits_tenant_type(role.name, type_)]
        return fit + self.all(transaction, tenant_id)

    def get(self, transaction: Transaction, tenant_id: str, name: str) -> Role:
        """Return a role that people of a tenant can have, by its name there. Raises NotFound."""
        try:
            found = lookup.find(transaction, _tenant(transaction, tenant_id), [name])
        except UnknownRole as unknown:
            raise NotFound(NO_ROLE) from unknown
        return next(iter(found.values()))

    def create(
        self,
        transaction: Transaction,
        tenant_id: str,
        new: NewRole,
        *,
        actor: Actor,
        grantor: Grantor | None = None,
    ) -> Role:
        """Make a role.

        Raises UnknownRole or UnfitRole for what cannot be so, Refused for a role above its maker,
        Conflict for a name that reads like one there is.
        """
        tenant = lock_tenant(transaction, tenant_id)
        name = policy.check_custom_name(new.name)
        allowed = policy.check_made_of(new.permissions, tenant.type)
        description = policy.check_description(new.description)
        if grantor is not None:
            policy.check_maker(grantor, allowed)
        self._check_free(transaction, tenant_id, name)
        row = CustomRole(
            id=new_id("rol"),
            name=name,
            skeleton=policy.skeleton(name),
            description=description,
            permissions=sorted(allowed),
            version=1,
            created_at=self._clock.now(),
        )
        transaction.tenant(tenant_id).add(row)
        transaction.flush()
        self._record(transaction, EventType.ROLE_CREATED, row, actor=actor, after=_state(row))
        return lookup.custom(tenant.slug, row)

    def change(
        self,
        transaction: Transaction,
        tenant_id: str,
        name: str,
        *,
        change: RoleChange,
        actor: Actor,
        grantor: Grantor | None = None,
    ) -> Role:
        """Change what a role is for, or what it allows: from the next call on. Idempotent.

        Raises NotFound, UnfitRole, Refused.
        """
        tenant, row = self.held(transaction, tenant_id, name)
        before, held = _state(row), lookup.custom(tenant.slug, row).permissions
        allowed = held
        if change.permissions is not None:
            allowed = policy.check_made_of(change.permissions, tenant.type)
        if grantor is not None:
            policy.check_maker(grantor, held, allowed)
            self._check_not_own(transaction, row, grantor)
        if change.description is not None:
            row.description = policy.check_description(change.description)
        if change.permissions is not None:
            row.permissions = sorted(allowed)
        after = _state(row)
        if after != before:
            row.version += 1
            transaction.flush()
            self._record(
                transaction, EventType.ROLE_CHANGED, row, actor=actor, before=before, after=after
            )
        return lookup.custom(tenant.slug, row)

    def delete(
        self,
        transaction: Transaction,
        tenant_id: str,
        name: str,
        *,
        actor: Actor,
        grantor: Grantor | None = None,
    ) -> int:
        """Delete a role and take it from everybody; return from how many. Raises NotFound, Refused.

        A role of the same name that is made later is another one: nobody has it from before.
        """
        tenant, row = self.held(transaction, tenant_id, name)
        if grantor is not None:
            policy.check_maker(grantor, lookup.custom(tenant.slug, row).permissions)
            self._check_not_own(transaction, row, grantor)
        session, mine = transaction.tenant(tenant_id), RoleAssignment.custom_role_id == row.id
        count = select(func.count()).select_from(RoleAssignment)
        people = session.scalar(count.where(mine, lookup.holds_now(self._clock.now()))) or 0
        session.execute(
            delete(RoleAssignment).where(mine).execution_options(synchronize_session=False)
        )
        session.expire_all()
        before = {**_state(row), "people": people}
        self._record(transaction, EventType.ROLE_DELETED, row, actor=actor, before=before)
        session.delete(row)
        transaction.flush()
        return people

    def held(
        self, transaction: Transaction, tenant_id: str, name: str
    ) -> tuple[Tenant, CustomRole]:
        """Return a tenant's own role, held until the end. Raises NotFound, Refused."""
        tenant = lock_tenant(transaction, tenant_id)
        role = self.get(transaction, tenant_id, name)
        if role.custom is None:
            raise Refused("Built-in roles stay as they are.")
        return tenant, role.custom

    def _check_free(self, transaction: Transaction, tenant_id: str, name: str) -> None:
        session = transaction.tenant(tenant_id)
        alike = select(CustomRole.name).where(CustomRole.skeleton == policy.skeleton(name))
        taken = session.scalar(alike)
        if taken is not None:
            raise Conflict(
                said("There is a role '%(taken)s' already, and the names read alike.", taken=taken),
                field="name",
            )
        if (session.scalar(select(func.count()).select_from(CustomRole)) or 0) >= MOST:
            raise Conflict(said("A tenant has at most %(most)s roles of its own.", most=MOST))

    def _check_not_own(self, transaction: Transaction, row: CustomRole, grantor: Grantor) -> None:
        mine = select(RoleAssignment.role).where(
            RoleAssignment.custom_role_id == row.id,
            RoleAssignment.user_id == grantor.user_id,
            lookup.holds_now(self._clock.now()),
        )
        if transaction.tenant(row.tenant_id).scalar(mine) is not None:
            raise Refused("Nobody changes a role that they hold themselves.")

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        row: CustomRole,
        *,
        actor: Actor,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
    ) -> None:
        record = Event(
            event, row.tenant_id, actor, resource=f"role:{row.id}", before=before, after=after
        )
        self._trail.record(transaction, record)


def _tenant(transaction: Transaction, tenant_id: str) -> Tenant:
    tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant


def _state(row: CustomRole) -> dict[str, object]:
    return {
        "name": row.name,
        "description": row.description,
        "permissions": list(row.permissions),
    }
