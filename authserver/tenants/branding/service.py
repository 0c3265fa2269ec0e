"""Logos of tenants are kept, replaced, taken away and found.

A named platform service: an id names its tenant.
"""

from dataclasses import replace
from enum import StrEnum

from sqlalchemy import delete, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_secret
from authserver.core.images.making import Logo
from authserver.tenants.branding.models import TenantLogo
from authserver.tenants.limits.service import lock_tenant
from authserver.tenants.models import Tenant
from authserver.tenants.service import bump_snapshots

SHOWN_HEIGHT = 32


class Form(StrEnum):
    """As what a logo is given out."""

    WEBP = "webp"
    PNG = "png"


class TenantLogos:
    """Keeps at most one logo of each tenant."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def change(
        self, transaction: Transaction, tenant_id: str, logo: Logo | None, *, actor: Actor
    ) -> Tenant:
        """Let a tenant have this logo, or none. Afterwards the caller tells the caches.

        Raises NotFound.
        """
        tenant = lock_tenant(transaction, tenant_id)
        session, before = transaction.tenant(tenant_id), tenant.logo_id
        if logo is None and before is None:
            return tenant
        session.execute(delete(TenantLogo))
        tenant.logo_id = new_secret() if logo else None
        tenant.logo_width = _shown_width(logo) if logo else None
        if logo and tenant.logo_id:
            row = TenantLogo(
                id=tenant.logo_id, webp=logo.webp, png=logo.png, created_at=self._clock.now()
            )
            session.add(row)
        tenant.version += 1
        self._record(transaction, tenant, before=before, actor=actor)
        return tenant

    def _record(
        self, transaction: Transaction, tenant: Tenant, *, before: str | None, actor: Actor
    ) -> None:
        transaction.flush()
        bump_snapshots(transaction)
        event = Event(
            EventType.TENANT_LOGO_CHANGED,
            tenant.id,
            replace(actor, principal=actor.principal or tenant.id),
            resource=tenant.id,
            before={"logo_id": before},
            after={"logo_id": tenant.logo_id},
        )
        self._trail.record(transaction, event)


def find(database: Database, logo_id: str, form: Form, *, tenant_id: str | None) -> bytes | None:
    """Return a logo, of one tenant where one is named, while it is shown and not suspended."""
    column = TenantLogo.webp if form is Form.WEBP else TenantLogo.png
    wanted = (
        select(column)
        .join(Tenant, Tenant.logo_id == TenantLogo.id)
        .where(TenantLogo.id == logo_id, Tenant.suspended_at.is_(None))
    )
    if tenant_id is not None:
        wanted = wanted.where(TenantLogo.tenant_id == tenant_id)
    with database.read() as view:
        return view.platform().scalar(wanted)


def _shown_width(logo: Logo) -> int:
    return max(1, round(logo.width * SHOWN_HEIGHT / logo.height))
