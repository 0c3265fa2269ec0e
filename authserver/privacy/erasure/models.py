"""The rows of erasures, and of the holds that stop them."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

_OWNER = ["users.tenant_id", "users.id"]
_OPEN = column("ended_at").is_(None)


class Erasure(Base, TenantScoped):
    """One erasure, asked for. `state` is of `values.State`; nothing happens before `due_at`.

    `link_hash` opens the second step of somebody who asked for it themselves, `receipt_hash` the
    receipt, from outside. `removed` counts the rows of each table that went.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        UniqueConstraint("link_hash"),
        UniqueConstraint("receipt_hash"),
        ForeignKeyConstraint(["tenant_id", "user_id"], _OWNER),
        Index("ix_erasures_user_id_id", "user_id", "id"),
        Index("ix_erasures_tenant_id_id", "tenant_id", "id"),
        Index("ix_erasures_open", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    state: Mapped[str] = technical(String(16))
    asked_by: Mapped[str] = technical(String(16))
    asked_at: Mapped[datetime] = technical(UtcTime)
    link_hash: Mapped[bytes | None] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.BLANK
    )
    link_until: Mapped[datetime | None] = technical(UtcTime)
    due_at: Mapped[datetime | None] = technical(UtcTime)
    job_id: Mapped[str | None] = technical(Id)
    removed: Mapped[dict[str, int]] = technical(Document)
    event_id: Mapped[str | None] = technical(Id)
    receipt_hash: Mapped[bytes | None] = technical(LargeBinary(32))
    ended_at: Mapped[datetime | None] = technical(UtcTime)


class LegalHold(Base, TenantScoped):
    """Why somebody's data must not be erased, and who said so; until it is lifted."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], _OWNER),
        Index("ix_legal_holds_user_id_id", "user_id", "id"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    reason: Mapped[str] = personal(String(500), export=False, on_erasure=OnErasure.DELETE_ROW)
    set_by: Mapped[str] = technical(Id)
    set_at: Mapped[datetime] = technical(UtcTime)
    lifted_by: Mapped[str | None] = technical(Id)
    lifted_at: Mapped[datetime | None] = technical(UtcTime)
