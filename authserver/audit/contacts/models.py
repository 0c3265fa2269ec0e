"""Where a tenant's checkpoints are mailed to."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime


class TrailContact(Base, TenantScoped):
    """The mailbox of a tenant's security team: of the organization, not of an account.

    `told_at` is when it was mailed last, `checkpoint` what.
    """

    __tablename__ = "trail_contacts"

    tenant_id: Mapped[str] = technical(Id, ForeignKey("tenants.id"), primary_key=True)
    address: Mapped[str] = technical(String(254))
    told_at: Mapped[datetime | None] = technical(UtcTime)
    checkpoint: Mapped[int | None] = technical(BigInteger)
