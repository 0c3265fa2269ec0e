"""The links' rows."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime


class MailedLink(Base, TenantScoped):
    """One link, good once. `address` and `user_epoch` are the account's when it was mailed.

    `new_email` is the address, as typed, that the account gets when the link is used, `device` the
    browser that asked for the link, if the account knew it.

    `expires_at` moves to the present when a link is closed without having been used.
    """

    __tablename__ = "mailed_links"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    purpose: Mapped[str] = technical(String(32))
    issuer: Mapped[str] = technical(String(255))
    token_hash: Mapped[bytes] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    address: Mapped[str] = personal(String(320), export=False, on_erasure=OnErasure.DELETE_ROW)
    new_email: Mapped[str | None] = personal(
        String(254), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    device: Mapped[str | None] = technical(Id)
    user_epoch: Mapped[int] = technical(Integer)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
    used_at: Mapped[datetime | None] = technical(UtcTime)
