"""The invitations' rows."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime, sorted_text


class Invitation(Base, TenantScoped):
    """One address is asked into one tenant, with these roles. No inviter: the operator asks.

    Whoever invites is a person of the tenant (`inviter_id`), or a client, or somebody of the
    platform who works there (`outside_id`, of `outside_tenant_id`). `sent_at` is when the link that
    is good now was mailed, `user_id` the account it became.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_invitations_tenant_id_address", "tenant_id", "address"),
        Index("ix_invitations_tenant_id_id", "tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "inviter_id"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    email: Mapped[str] = personal(String(254), export=False, on_erasure=OnErasure.DELETE_ROW)
    address: Mapped[str] = personal(sorted_text(320), export=False, on_erasure=OnErasure.DELETE_ROW)
    roles: Mapped[list[str]] = technical(Document)
    inviter_id: Mapped[str | None] = technical(Id)
    outside_id: Mapped[str | None] = technical(Id)
    outside_tenant_id: Mapped[str | None] = technical(Id)
    issuer: Mapped[str] = technical(String(255))
    token_hash: Mapped[bytes] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    sent_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
    accepted_at: Mapped[datetime | None] = technical(UtcTime)
    revoked_at: Mapped[datetime | None] = technical(UtcTime)
    user_id: Mapped[str | None] = technical(Id)
