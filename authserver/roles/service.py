"""Who holds which role."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.accounts.standing import touch
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.roles import lookup, policy
from authserver.roles.catalogue import Permission
from authserver.roles.lookup import Role
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import Grantor
from authserver.tenants.models import Tenant

# Roles by name, each with the moment at which it ends.
Ends = dict[str, datetime | None]


@dataclass(frozen=True)
class Grant:
    """A role to give: for good, or until a moment."""

    role: str
    until: datetime | None = None


@dataclass(frozen=True)
class Assignment:
    """Somebody holds a role: for good, or until a moment."""

    role: str
    since: datetime
    until: datetime | None


class RoleService:
    """Assigns roles. A change holds for the next token."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def assignments_of(
        self, transaction: Transaction, tenant_id: str, user_id: str
    ) -> list[Assignment]:
        """Return what a person holds now, sorted by the roles' names."""
        query = select(RoleAssignment).where(
            RoleAssignment.user_id == user_id, lookup.holds_now(self._clock.now())
        )
        rows = transaction.tenant(tenant_id).scalars(query)
        found = (Assignment(row.role, row.assigned_at, row.until) for row in rows)
        return sorted(found, key=lambda each: each.role)

    def roles_of(self, transaction: Transaction, tenant_id: str, user_id: str) -> list[str]:
        """Return the names of a person's roles, sorted."""
        return [each.role for each in self.assignments_of(transaction, tenant_id, user_id)]

    def permissions_of(
        self, transaction: Transaction, tenant_id: str, user_id: str
    ) -> frozenset[Permission]:
        """Return everything that a person may do now."""
        roles = self.roles_of(transaction, tenant_id, user_id)
        return lookup.permissions_of(transaction, tenant_id, roles)

    def set_roles(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        roles: Iterable[str],
        actor: Actor,
        grantor: Grantor | None = None,
    ) -> list[str]:
        """Make these the person's roles and return them. No grantor: the operator decides.

        What is held already keeps its end. Raises UnknownRole, NotFound, or Refused by the rules
        of policy.py; then nothing changed.
        """
        tenant = lock_tenant(transaction, tenant_id)
        found = self._find(transaction, tenant, roles)
        held = self._held(transaction, tenant_id, user_id)
        wanted = {name: held.get(name) for name in found}
        self._change(
            transaction, tenant, user_id, ends=(held, wanted), actor=actor, grantor=grantor
        )
        return sorted(wanted)

    def give(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        grant: Grant,
        actor: Actor,
        grantor: Grantor | None = None,
    ) -> list[Assignment]:
        """Give a role, until a moment or for good, whatever was before. Raises as `set_roles`."""
        tenant = lock_tenant(transaction, tenant_id)
        policy.check_until(grant.until, self._clock.now())
        (name,) = self._find(transaction, tenant, [grant.role])
        held = self._held(transaction, tenant_id, user_id)
        wanted = {**held, name: grant.until}
        self._change(
            transaction, tenant, user_id, ends=(held, wanted), actor=actor, grantor=grantor
        )
        return self.assignments_of(transaction, tenant_id, user_id)

    def take(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        role: str,
        actor: Actor,
        grantor: Grantor | None = None,
    ) -> list[Assignment]:
        """Take a role away. Idempotent. Raises as `set_roles`."""
        tenant = lock_tenant(transaction, tenant_id)
        (name,) = self._find(transaction, tenant, [role])
        held = self._held(transaction, tenant_id, user_id)
        wanted = {each: until for each, until in held.items() if each != name}
        self._change(
            transaction, tenant, user_id, ends=(held, wanted), actor=actor, grantor=grantor
        )
        return self.assignments_of(transaction, tenant_id, user_id)

    def check_names(
        self, transaction: Transaction, tenant_id: str, *, roles: Iterable[str]
    ) -> set[str]:
        """Return the roles as tokens spell them; ask before anything else is written.

        Raises UnknownRole, or Refused for a role that people of this tenant never hold.
        """
        return {*self.find(transaction, tenant_id, roles=roles)}

    def find(
        self, transaction: Transaction, tenant_id: str, *, roles: Iterable[str]
    ) -> dict[str, Role]:
        """Return roles by the names that tokens have, the tenant held. Raises as `check_names`."""
        return self._find(transaction, lock_tenant(transaction, tenant_id), roles)

    def give_first(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        roles: Mapping[str, Role],
        actor: Actor,
    ) -> None:
        """Give somebody whose account was made just now roles of `find`, for good.

        Whether whoever gives them may do so was asked before: nobody can have lost any by this.
        """
        session, now = transaction.tenant(tenant_id), self._clock.now()
        for name, role in roles.items():
            row = RoleAssignment(
                user_id=user_id, role=name, custom_role_id=role.custom.id if role.custom else None
            )
            row.until, row.assigned_at, row.assigned_by = None, now, actor.principal
            session.add(row)
        session.flush()
        wanted: Ends = dict.fromkeys(roles)
        self._record(transaction, tenant_id, user_id, actor=actor, change=({}, wanted))

    def check_may_leave(self, transaction: Transaction, tenant_id: str, user_id: str) -> None:
        """Raise Refused for the last administrator who can sign in; ask before disabling too."""
        lock_tenant(transaction, tenant_id)
        query = (
            select(RoleAssignment.user_id)
            .join(User, User.id == RoleAssignment.user_id)
            .where(
                RoleAssignment.role.in_(policy.ADMINISTRATORS),
                RoleAssignment.until.is_(None),
                User.disabled_at.is_(None),
            )
        )
        administrators = set(transaction.tenant(tenant_id).scalars(query))
        policy.check_administrator_stays(
            leaves=user_id in administrators, others=len(administrators - {user_id})
        )

    def _find(
        self, transaction: Transaction, tenant: Tenant, roles: Iterable[str]
    ) -> dict[str, Role]:
        found = lookup.find(transaction, tenant, roles)
        policy.check_tenant_type(found, tenant.type)
        return found

    def _held(self, transaction: Transaction, tenant_id: str, user_id: str) -> Ends:
        found = self.assignments_of(transaction, tenant_id, user_id)
        return {each.role: each.until for each in found}

    def _change(
        self,
        transaction: Transaction,
        tenant: Tenant,
        user_id: str,
        *,
        ends: tuple[Ends, Ends],
        actor: Actor,
        grantor: Grantor | None,
    ) -> None:
        """Make what is held what is wanted, if the rules allow it."""
        held, wanted = ends
        if transaction.tenant(tenant.id).get(User, user_id) is None:
            raise NotFound("There is no such person.")
        if grantor is not None:
            changed = dict(held.items() ^ wanted.items())
            allowed = lookup.known(transaction, tenant.id, changed)
            policy.check_grantor(grantor, user_id, allowed)
        if not policy.is_administrator(name for name, end in wanted.items() if end is None):
            self.check_may_leave(transaction, tenant.id, user_id)
        if wanted != held:
            self._replace(transaction, tenant, user_id, wanted=wanted, actor=actor)
            touch(transaction, tenant.id, user_id)
            self._record(transaction, tenant.id, user_id, actor=actor, change=(held, wanted))

    def _replace(
        self,
        transaction: Transaction,
        tenant: Tenant,
        user_id: str,
        *,
        wanted: Ends,
        actor: Actor,
    ) -> None:
        session = transaction.tenant(tenant.id)
        query = select(RoleAssignment).where(RoleAssignment.user_id == user_id)
        present = {row.role: row for row in session.scalars(query)}
        for role in present.keys() - wanted:
            session.delete(present[role])
        now, roles = self._clock.now(), lookup.find(transaction, tenant, wanted)
        for role, until in wanted.items():
            custom = roles[role].custom
            row = present.get(role)
            if row is None:
                row = RoleAssignment(
                    user_id=user_id, role=role, custom_role_id=custom.id if custom else None
                )
                session.add(row)
            elif row.until == until:
                continue
            row.until, row.assigned_at, row.assigned_by = until, now, actor.principal
        session.flush()

    def _record(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        actor: Actor,
        change: tuple[Ends, Ends],
    ) -> None:
        before, after = change
        event = Event(
            EventType.USER_ROLES_CHANGED,
            tenant_id,
            actor,
            subject=user_id,
            before=_told(before),
            after=_told(after),
        )
        self._trail.record(transaction, event)


def lock_tenant(transaction: Transaction, tenant_id: str) -> Tenant:
    """Return the tenant, held: whoever changes roles at the same time must meet here.

    Two administrators who demote each other, say. Raises NotFound.
    """
    query = select(Tenant).where(Tenant.id == tenant_id).with_for_update()
    tenant = transaction.tenant(tenant_id).scalar(query)
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant


def _told(ends: Mapping[str, datetime | None]) -> dict[str, object]:
    until = {role: end.isoformat() for role, end in sorted(ends.items()) if end is not None}
    return {"roles": sorted(ends), **({"until": until} if until else {})}
