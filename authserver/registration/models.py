"""The rows of those who asked for an account."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime


class RegistrationRequest(Base, TenantScoped):
    """One address asked for an account of one tenant; each request counts in the hour's limit.

    That of an address with an account is born used: its row and its mail take the same work, and
    its link, which nobody gets, opens nothing.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_registrations_tenant_id_address", "tenant_id", "address"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    email: Mapped[str] = personal(String(254), export=False, on_erasure=OnErasure.DELETE_ROW)
    address: Mapped[str] = personal(String(320), export=False, on_erasure=OnErasure.DELETE_ROW)
    issuer: Mapped[str] = technical(String(255))
    token_hash: Mapped[bytes] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
    used_at: Mapped[datetime | None] = technical(UtcTime)
    user_id: Mapped[str | None] = technical(Id)
