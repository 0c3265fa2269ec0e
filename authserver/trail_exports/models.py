"""The rows of exports that are made in the background."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime


class TrailExport(Base, TenantScoped):
    """A file that was asked for. `asked` are its filters, or a bundle's plan.

    `place` is how far the trail was read. `size`, `packed` and `crc` are of what was written until
    then: bytes, bytes once compressed, CRC-32.
    """

    __tablename__ = "trail_exports"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    job_id: Mapped[str] = technical(Id)
    format: Mapped[str] = technical(String(8))
    personal: Mapped[bool] = technical(Boolean)
    asked: Mapped[dict[str, object]] = technical(Document)
    place: Mapped[str | None] = technical(Id)
    parts: Mapped[int] = technical(Integer, default=0)
    events: Mapped[int] = technical(BigInteger, default=0)
    tombstones: Mapped[int] = technical(BigInteger, default=0)
    size: Mapped[int] = technical(BigInteger, default=0)
    packed: Mapped[int] = technical(BigInteger, default=0)
    crc: Mapped[int] = technical(BigInteger, default=0)
    created_at: Mapped[datetime] = technical(UtcTime)
    ready_at: Mapped[datetime | None] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)


class TrailExportPart(Base, TenantScoped):
    """A compressed piece of such a file, encrypted; they are put together in order of `number`."""

    __tablename__ = "trail_export_parts"
    __table_args__ = (
        UniqueConstraint("export_id", "number"),
        ForeignKeyConstraint(
            ["tenant_id", "export_id"], ["trail_exports.tenant_id", "trail_exports.id"]
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    export_id: Mapped[str] = technical(Id)
    number: Mapped[int] = technical(Integer)
    # Of many people, encrypted, and gone within a day. One with personal values in clear is deleted
    # at once when anybody of the tenant is erased (withdrawing.py); what is in others nobody reads.
    content: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.KEEP)
