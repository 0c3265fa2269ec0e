"""Which tenants a caller may work in: their own, and another's for a while, openly (TOP-02).

Somebody of the platform who holds `tenants:write` opens another tenant with a reason and for at
most an hour. That is a row of that tenant, in its trail, and its administrators see it. Everything
else is not there: another's tenant and none read the same.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, select

from authserver.admin.caller import Caller
from authserver.admin.models import TenantAccess
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id, new_id
from authserver.core.problems import NotFound
from authserver.core.values.reasons import MOST_REASON_OF_ACCESS, check_reason
from authserver.core.values.said import said
from authserver.tenants.models import Tenant

LONGEST = timedelta(hours=1)
NOTHING: Mapping[str, object] = MappingProxyType({})
NO_TENANT = said("There is no such tenant.")


class Reach:
    """Opens tenants to people of the platform, and asks whether one is open."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where it is recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def check(self, transaction: Transaction, caller: Caller, tenant_id: str) -> None:
        """Raise NotFound unless the caller may work in the tenant now. A body may name it, too."""
        if not is_id(tenant_id, "ten"):
            raise NotFound(NO_TENANT)
        # Asked in either case: the time does not tell whether there is such a tenant.
        opened = self.opened(transaction, caller, tenant_id)
        if tenant_id != caller.tenant_id and not (caller.platform and opened):
            raise NotFound(NO_TENANT)

    def check_there(self, transaction: Transaction, tenant_id: str) -> None:
        """Raise NotFound for a tenant that does not exist."""
        if transaction.platform().get(Tenant, tenant_id) is None:
            raise NotFound(NO_TENANT)

    def opened(
        self, transaction: Transaction, caller: Caller, tenant_id: str
    ) -> TenantAccess | None:
        """Return what the caller has open in the tenant."""
        return next(iter(self._open(transaction, caller, tenant_id)), None)

    def everything_opened(self, transaction: Transaction, caller: Caller) -> list[TenantAccess]:
        """Return what the caller has open anywhere, the newest last."""
        query = self._query(caller).order_by(TenantAccess.id)
        return [*transaction.platform().scalars(query)]

    def open(
        self,
        transaction: Transaction,
        caller: Caller,
        tenant_id: str,
        *,
        reason: str,
        time: timedelta,
    ) -> TenantAccess:
        """Open the tenant to the caller; what was open before ends. Raises UnfitReason."""
        why = check_reason(reason, most=MOST_REASON_OF_ACCESS)
        now = self._clock.now()
        self.close(transaction, caller, tenant_id)
        row = TenantAccess(
            id=new_id("acs"),
            principal_id=caller.id,
            reason=why,
            created_at=now,
            expires_at=now + min(time, LONGEST),
        )
        transaction.tenant(tenant_id).add(row)
        transaction.flush()
        facts = {"reason": why, "until": row.expires_at.isoformat()}
        self._record(transaction, EventType.TENANT_ACCESS_OPENED, row, caller=caller, facts=facts)
        return row

    def close(self, transaction: Transaction, caller: Caller, tenant_id: str) -> None:
        """End what the caller has open in the tenant. Idempotent."""
        for row in self._open(transaction, caller, tenant_id):
            row.ended_at = self._clock.now()
            self._record(transaction, EventType.TENANT_ACCESS_CLOSED, row, caller=caller)

    def _open(self, transaction: Transaction, caller: Caller, tenant_id: str) -> list[TenantAccess]:
        return [*transaction.tenant(tenant_id).scalars(self._query(caller))]

    def _query(self, caller: Caller) -> Select[Any]:
        return select(TenantAccess).where(
            TenantAccess.principal_id == caller.id,
            TenantAccess.ended_at.is_(None),
            TenantAccess.expires_at > self._clock.now(),
        )

    def _record(
        self,
        transaction: Transaction,
        type_: EventType,
        row: TenantAccess,
        *,
        caller: Caller,
        facts: Mapping[str, object] = NOTHING,
    ) -> None:
        event = Event(
            type_, row.tenant_id, caller.actor, resource=f"tenant_access:{row.id}", facts=facts
        )
        self._trail.record(transaction, event)
