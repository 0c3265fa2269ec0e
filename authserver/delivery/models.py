"""The outbox: messages to be sent, written in the transaction they tell of."""

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, String, column
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime

_GIVEN_UP = column("failed_at").is_not(None)  # most are sent: the others alone are in the index


class OutboxMessage(Base, TenantScoped):
    """One mail. Address and text are encrypted: links and names are in them.

    `sent_at` and `failed_at` end it; until then it is due at `due_at`, and somebody's while
    `claimed_until` is to come.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("ix_outbox_messages_due", "sent_at", "due_at"),
        Index(
            "ix_outbox_messages_failed_at",
            "failed_at",
            sqlite_where=_GIVEN_UP,
            postgresql_where=_GIVEN_UP,
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str | None] = technical(Id, index=True)
    template: Mapped[str] = technical(String(64))
    content: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW)
    attempts: Mapped[int] = technical(Integer, default=0)
    last_error: Mapped[str | None] = technical(String(200))
    created_at: Mapped[datetime] = technical(UtcTime)
    due_at: Mapped[datetime] = technical(UtcTime)
    claimed_until: Mapped[datetime | None] = technical(UtcTime)
    sent_at: Mapped[datetime | None] = technical(UtcTime)
    failed_at: Mapped[datetime | None] = technical(UtcTime)
