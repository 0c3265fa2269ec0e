"""Who holds which role."""

from collections.abc import Iterable

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.accounts.standing import touch
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.roles import policy
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import Grantor
from authserver.tenants.models import Tenant


class RoleService:
    """Assigns roles. A change holds for the next token."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def roles_of(self, transaction: Transaction, tenant_id: str, user_id: str) -> list[str]:
        """Return the names of a person's roles, sorted."""
        query = select(RoleAssignment.role).where(RoleAssignment.user_id == user_id)
        return sorted(transaction.tenant(tenant_id).scalars(query))

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

        Raises UnknownRole, NotFound, or Refused by the rules of policy.py; then nothing changed.
        """
        wanted = self.check_names(transaction, tenant_id, roles=roles)
        if transaction.tenant(tenant_id).get(User, user_id) is None:
            raise NotFound("There is no such person.")
        held = set(self.roles_of(transaction, tenant_id, user_id))
        if grantor is not None:
            policy.check_grantor(grantor, user_id, wanted ^ held)
        if not policy.is_administrator(wanted):
            self.check_may_leave(transaction, tenant_id, user_id)
        if wanted != held:
            self._replace(transaction, tenant_id, user_id, wanted=wanted, actor=actor)
            touch(transaction, tenant_id, user_id)
            self._record(transaction, tenant_id, user_id, actor=actor, change=(held, wanted))
        return sorted(wanted)

    def check_names(
        self, transaction: Transaction, tenant_id: str, *, roles: Iterable[str]
    ) -> set[str]:
        """Return the roles as the catalogue spells them; ask before anything else is written.

        Raises UnknownRole, or Refused for a role that people of this tenant never hold.
        """
        wanted = {policy.find_builtin(name).name for name in roles}
        policy.check_tenant_type(wanted, self._lock_tenant(transaction, tenant_id).type)
        return wanted

    def check_may_leave(self, transaction: Transaction, tenant_id: str, user_id: str) -> None:
        """Raise Refused for the last administrator who can sign in; ask before disabling too."""
        self._lock_tenant(transaction, tenant_id)
        query = (
            select(RoleAssignment.user_id)
            .join(User, User.id == RoleAssignment.user_id)
            .where(RoleAssignment.role.in_(policy.ADMINISTRATORS), User.disabled_at.is_(None))
        )
        administrators = set(transaction.tenant(tenant_id).scalars(query))
        policy.check_administrator_stays(
            leaves=user_id in administrators, others=len(administrators - {user_id})
        )

    def _lock_tenant(self, transaction: Transaction, tenant_id: str) -> Tenant:
        # Two administrators who demote each other at the same time must meet here.
        query = select(Tenant).where(Tenant.id == tenant_id).with_for_update()
        tenant = transaction.tenant(tenant_id).scalar(query)
        if tenant is None:
            raise NotFound("There is no such tenant.")
        return tenant

    def _replace(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        wanted: set[str],
        actor: Actor,
    ) -> None:
        session = transaction.tenant(tenant_id)
        query = select(RoleAssignment).where(RoleAssignment.user_id == user_id)
        present = {row.role: row for row in session.scalars(query)}
        for role in present.keys() - wanted:
            session.delete(present[role])
        now = self._clock.now()
        for role in wanted - present.keys():
            row = RoleAssignment(
                user_id=user_id, role=role, assigned_at=now, assigned_by=actor.principal
            )
            session.add(row)
        session.flush()

    def _record(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        actor: Actor,
        change: tuple[set[str], set[str]],
    ) -> None:
        before, after = change
        event = Event(
            EventType.USER_ROLES_CHANGED,
            tenant_id,
            actor,
            subject=user_id,
            before={"roles": sorted(before)},
            after={"roles": sorted(after)},
        )
        self._trail.record(transaction, event)
