"""Limits are set, and what they limit is taken and given back, in the transaction of its making.

Of two that come at the same moment for the last one, the second finds it taken: both meet at the
tenant's row, where the count is of rows, or in one conditional UPDATE.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func, select, update

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said
from authserver.tenants.limits.models import TenantLimit
from authserver.tenants.limits.policy import (
    MOST_NAMES,
    LimitReached,
    check_limit_name,
    check_room,
)
from authserver.tenants.models import Tenant

# Returns how many rows there are, and stops counting above the given number.
Count = Callable[[Transaction, str, int], int]


@dataclass(frozen=True)
class Limit:
    """A limit of a tenant, and what is used of it."""

    name: str
    most: int
    used: int


class Limits:
    """Changes of limits. An actor without a principal stands for the tenant's operator."""

    def __init__(self, trail: Trail, *, counts: Mapping[str, Count]) -> None:
        """Take where changes are recorded, and what counts the rows that are limited, by name."""
        self._trail = trail
        self._counts = counts

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[Limit]:
        """Return the limits of a tenant, by name."""
        wanted = select(TenantLimit).order_by(TenantLimit.name)
        rows = transaction.tenant(tenant_id).scalars(wanted).all()
        return [Limit(row.name, row.most, self._used(transaction, row)) for row in rows]

    def set_limit(
        self, transaction: Transaction, tenant_id: str, name: str, *, most: int, actor: Actor
    ) -> Limit:
        """Set how much a tenant may have; what is there above it stays. Idempotent.

        Raises UnfitName, Conflict where there are too many limits.
        """
        check_limit_name(name)
        lock_tenant(transaction, tenant_id)
        session, row = transaction.tenant(tenant_id), _row(transaction, tenant_id, name)
        before = row.most if row else None
        if row is None:
            self._check_number(transaction, tenant_id)
            row = TenantLimit(id=new_id("lim"), tenant_id=tenant_id, name=name, most=most, used=0)
            session.add(row)
        row.most = most
        if before != most:
            self._record(transaction, row, before=before, after=most, actor=actor)
        return Limit(name, most, self._used(transaction, row))

    def remove(self, transaction: Transaction, tenant_id: str, name: str, *, actor: Actor) -> None:
        """Let a tenant have as much as it likes. Raises NotFound."""
        lock_tenant(transaction, tenant_id)
        row = _row(transaction, tenant_id, name)
        if row is None:
            raise NotFound(said("There is no limit '%(name)s'.", name=name))
        self._record(transaction, row, before=row.most, after=None, actor=actor)
        transaction.tenant(tenant_id).delete(row)
        transaction.flush()

    def check(self, transaction: Transaction, tenant_id: str, name: str, *, more: int) -> None:
        """Hold the tenant, and raise LimitReached unless there is room for what is made next.

        For what is counted by its rows. Without a limit it is one query.
        """
        if _row(transaction, tenant_id, name) is None:
            return
        lock_tenant(transaction, tenant_id)
        row = _row(transaction, tenant_id, name)
        if row is not None:
            used = self._counts[name](transaction, tenant_id, row.most + 1)
            check_room(name, used=used, more=more, most=row.most)

    def take(
        self, transaction: Transaction, tenant_id: str, name: str, *, amount: int, actor: Actor
    ) -> Limit:
        """Count something that is made outside. Raises LimitReached, NotFound, Conflict."""
        return self._move(transaction, tenant_id, name, by=amount, actor=actor)

    def release(
        self, transaction: Transaction, tenant_id: str, name: str, *, amount: int, actor: Actor
    ) -> Limit:
        """Give back what was taken, never more. Raises NotFound, Conflict."""
        return self._move(transaction, tenant_id, name, by=-amount, actor=actor)

    def _move(
        self, transaction: Transaction, tenant_id: str, name: str, *, by: int, actor: Actor
    ) -> Limit:
        if name in self._counts:
            raise Conflict(said("'%(name)s' is counted by itself.", name=name))
        after = TenantLimit.used + by
        moved = (
            update(TenantLimit)
            .where(TenantLimit.name == name, after >= 0)
            .values(used=after)
            .returning(TenantLimit.most, TenantLimit.used)
            .execution_options(synchronize_session=False)
        )
        if by > 0:
            moved = moved.where(after <= TenantLimit.most)
        found = transaction.tenant(tenant_id).execute(moved).first()
        row = _row(transaction, tenant_id, name)
        if row is None:
            raise NotFound(said("There is no limit '%(name)s'.", name=name))
        if found is None:
            check_room(name, used=row.used, more=by, most=row.most)
            raise Conflict(
                said(
                    "Of '%(name)s', %(used)s are taken: less than is given back.",
                    name=name,
                    used=row.used,
                )
            )
        facts = {"limit": name, "by": by, "used": found.used, "most": found.most}
        by_whom = replace(actor, principal=actor.principal or tenant_id)
        event = Event(EventType.TENANT_LIMIT_USED, tenant_id, by_whom, resource=row.id, facts=facts)
        self._trail.record(transaction, event)
        return Limit(name, found.most, found.used)

    def _check_number(self, transaction: Transaction, tenant_id: str) -> None:
        wanted = select(func.count(TenantLimit.id))
        if (transaction.tenant(tenant_id).scalar(wanted) or 0) >= MOST_NAMES:
            raise Conflict(
                said("A tenant has at most %(most_names)s limits.", most_names=MOST_NAMES)
            )

    def _used(self, transaction: Transaction, row: TenantLimit) -> int:
        count = self._counts.get(row.name)
        return row.used if count is None else count(transaction, row.tenant_id, row.most + 1)

    def _record(
        self,
        transaction: Transaction,
        row: TenantLimit,
        *,
        before: int | None,
        after: int | None,
        actor: Actor,
    ) -> None:
        transaction.flush()
        by = replace(actor, principal=actor.principal or row.tenant_id)
        event = Event(
            EventType.TENANT_LIMIT_CHANGED,
            row.tenant_id,
            by,
            resource=row.id,
            before={row.name: before},
            after={row.name: after},
        )
        self._trail.record(transaction, event)


def lock_tenant(transaction: Transaction, tenant_id: str) -> Tenant:
    """Return the tenant's row, held: whatever else counts meets here. Raises NotFound."""
    wanted = (
        select(Tenant)
        .where(Tenant.id == tenant_id)
        .with_for_update(of=Tenant)
        .execution_options(populate_existing=True)
    )
    tenant = transaction.tenant(tenant_id).scalar(wanted)
    if tenant is None:
        raise NotFound("There is no such tenant.")
    return tenant


def _row(transaction: Transaction, tenant_id: str, name: str) -> TenantLimit | None:
    wanted = (
        select(TenantLimit)
        .where(TenantLimit.name == name)
        .execution_options(populate_existing=True)
    )
    return transaction.tenant(tenant_id).scalar(wanted)


__all__ = ["Count", "Limit", "LimitReached", "Limits", "lock_tenant"]
