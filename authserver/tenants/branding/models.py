"""The rows of logos."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import UtcTime


class TenantLogo(Base, TenantScoped):
    """The logo of a tenant, for pages and for mail programs. Its `id` is not guessed."""

    __tablename__ = "tenant_logos"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(String(43), primary_key=True)
    webp: Mapped[bytes] = technical(LargeBinary)
    png: Mapped[bytes] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
