"""What a tenant has booked, by any name: billing, support, provisioning. Told, never enforced here.

The platform sets flags; whoever offers the feature asks for them.
"""

from collections.abc import Mapping
from dataclasses import replace

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.core.said import said
from authserver.tenants.limits.policy import MOST_NAMES, check_limit_name
from authserver.tenants.limits.service import lock_tenant
from authserver.tenants.models import Tenant


class Flags:
    """Changes of flags. An actor without a principal stands for the tenant's operator."""

    def __init__(self, trail: Trail) -> None:
        """Take where changes are recorded."""
        self._trail = trail

    def change(
        self,
        transaction: Transaction,
        tenant_id: str,
        wanted: Mapping[str, bool | None],
        *,
        actor: Actor,
    ) -> Tenant:
        """Set flags, and forget those that are None; the others stay. Idempotent.

        Raises UnfitName, NotFound, Conflict where there are too many.
        """
        for name in wanted:
            check_limit_name(name)
        tenant = lock_tenant(transaction, tenant_id)
        before = tenant.flags or {}
        merged = {**before, **wanted}
        after = {name: on for name, on in sorted(merged.items()) if on is not None}
        if len(after) > MOST_NAMES:
            raise Conflict(
                said("A tenant has at most %(most_names)s flags.", most_names=MOST_NAMES)
            )
        if after != before:
            tenant.flags = after or None
            tenant.version += 1
            transaction.flush()
            by = replace(actor, principal=actor.principal or tenant_id)
            event = Event(
                EventType.TENANT_FLAGS_CHANGED,
                tenant_id,
                by,
                resource=tenant_id,
                before=before,
                after=after,
            )
            self._trail.record(transaction, event)
        return tenant
