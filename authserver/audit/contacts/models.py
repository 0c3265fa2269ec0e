"""Where a tenant's checkpoints are mailed to."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
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


class ContactLink(Base, TenantScoped):
    """A link, good once: the mailbox that it was sent to becomes the contact when it is used.

    `expires_at` moves to the present when it is closed without having been used.
    """

    __tablename__ = "trail_contact_links"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[str] = technical(Id, primary_key=True)
    tenant_id: Mapped[str] = technical(Id, ForeignKey("tenants.id"), index=True)
    address: Mapped[str] = technical(String(254))
    issuer: Mapped[str] = technical(String(255))
    token_hash: Mapped[bytes] = technical(LargeBinary(32))
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
    used_at: Mapped[datetime | None] = technical(UtcTime)
