"""The rows of copies."""

from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime


class DataExport(Base, TenantScoped):
    """A copy that was asked for. `after` is how far the trail was read.

    `ready_at` and `expires_at` come with the mail; `taken_at` is when it was fetched, once.
    """

    __tablename__ = "data_exports"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("token_hash"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_data_exports_user_id_id", "user_id", "id"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    job_id: Mapped[str] = technical(Id)
    asked_by: Mapped[str] = technical(String(16))
    after: Mapped[str | None] = technical(Id)
    parts: Mapped[int] = technical(Integer, default=0)
    signature: Mapped[str | None] = technical(String(2048))
    token_hash: Mapped[bytes | None] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    ready_at: Mapped[datetime | None] = technical(UtcTime)
    expires_at: Mapped[datetime | None] = technical(UtcTime)
    taken_at: Mapped[datetime | None] = technical(UtcTime)


class DataExportPart(Base, TenantScoped):
    """A piece of the text of a copy, encrypted; they are put together in order of `number`."""

    __tablename__ = "data_export_parts"
    __table_args__ = (
        UniqueConstraint("export_id", "number"),
        ForeignKeyConstraint(
            ["tenant_id", "export_id"], ["data_exports.tenant_id", "data_exports.id"]
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    export_id: Mapped[str] = technical(Id)
    number: Mapped[int] = technical(Integer)
    content: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW)
