"""What administration itself remembers: who works in which other tenant, and answered creates."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime


class TenantAccess(Base, TenantScoped):
    """Somebody of the platform works in this tenant for a while, for a reason (TOP-02)."""

    __tablename__ = "tenant_accesses"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)

    id: Mapped[str] = technical(Id, primary_key=True)
    principal_id: Mapped[str] = technical(Id, index=True)
    reason: Mapped[str] = personal(String(500), export=False, on_erasure=OnErasure.KEEP)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
    ended_at: Mapped[datetime | None] = technical(UtcTime)


class IdempotencyKey(Base, TenantScoped):
    """A key of a caller, and the answer that its first use got. Belongs to the caller's tenant."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),)

    id: Mapped[str] = technical(Id, primary_key=True)
    key_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    request_hash: Mapped[bytes] = technical(LargeBinary(32))
    answer: Mapped[bytes | None] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
