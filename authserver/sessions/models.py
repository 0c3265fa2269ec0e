"""Signed-in accounts, by browser."""

from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

PASSWORD, SECOND_FACTOR = 1, 2  # levels
# Few are, and few came from elsewhere: the others are not in the index.
_OPENED = column("home_session_id").is_not(None)
_FEDERATED = column("identity_id").is_not(None)


class UserSession(Base, TenantScoped):
    """One account signed in in one browser. `level`: 1 password, 2 second factor.

    A guest's is of a sign-in with the home account: `home_epoch` is what that was at then,
    `home_session_id` the session that it was opened from, if there is one: it ends with it.
    `identity_id` is the federated identity that the sign-in came from, if it did.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index(
            "ix_sessions_home_session_id",
            "home_session_id",
            sqlite_where=_OPENED,
            postgresql_where=_OPENED,
        ),
        Index(
            "ix_sessions_identity_id",
            "identity_id",
            sqlite_where=_FEDERATED,
            postgresql_where=_FEDERATED,
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    browser_hash: Mapped[bytes] = personal(
        LargeBinary(32), index=True, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    issuer: Mapped[str] = technical(String(255))
    level: Mapped[int] = technical(Integer)
    amr: Mapped[list[str]] = technical(Document)
    auth_time: Mapped[datetime] = technical(UtcTime)
    user_epoch: Mapped[int] = technical(Integer)
    tenant_epoch: Mapped[int] = technical(Integer)
    home_epoch: Mapped[int | None] = technical(Integer)
    home_session_id: Mapped[str | None] = technical(Id)
    identity_id: Mapped[str | None] = technical(Id)
    address: Mapped[bytes | None] = personal(
        LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW
    )
    user_agent: Mapped[bytes | None] = personal(
        LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW
    )
    device: Mapped[bytes | None] = personal(
        LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    last_seen_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
    ended_at: Mapped[datetime | None] = technical(UtcTime)
