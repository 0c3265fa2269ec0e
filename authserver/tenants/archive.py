"""Tenants that nobody works with any more are put away, and taken out again.

An archived tenant is suspended and not resumed by mistake; nothing of it is deleted.
"""

from dataclasses import replace

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.tenants.limits.service import lock_tenant
from authserver.tenants.models import Tenant
from authserver.tenants.service import TenantService, bump_snapshots


class Archive:
    """Puts tenants away. An actor without a principal stands for the tenant's operator."""

    def __init__(self, tenants: TenantService, trail: Trail, clock: Clock) -> None:
        """Take what suspends, where changes are recorded, and the time."""
        self._tenants = tenants
        self._trail = trail
        self._clock = clock

    def put_away(self, transaction: Transaction, tenant_id: str, actor: Actor) -> Tenant:
        """Suspend and archive a tenant. Idempotent. Raises NotFound."""
        self._tenants.suspend(transaction, lock_tenant(transaction, tenant_id).slug, actor)
        tenant = lock_tenant(transaction, tenant_id)  # as the other service left it
        if tenant.archived_at is None:
            tenant.archived_at = self._clock.now()
            self._changed(transaction, tenant, EventType.TENANT_ARCHIVED, actor=actor)
        return tenant

    def take_out(self, transaction: Transaction, tenant_id: str, actor: Actor) -> Tenant:
        """Take a tenant out: it is still suspended. Idempotent. Raises NotFound."""
        tenant = lock_tenant(transaction, tenant_id)
        if tenant.archived_at is not None:
            tenant.archived_at = None
            self._changed(transaction, tenant, EventType.TENANT_RESTORED, actor=actor)
        return tenant

    def _changed(
        self, transaction: Transaction, tenant: Tenant, event: EventType, *, actor: Actor
    ) -> None:
        tenant.version += 1
        transaction.flush()
        bump_snapshots(transaction)
        by = replace(actor, principal=actor.principal or tenant.id)
        self._trail.record(transaction, Event(event, tenant.id, by, resource=tenant.id))
