"""API keys."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
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
from authserver.core.database.types import Document, Id, UtcTime


class ApiKey(Base, TenantScoped):
    """A key of a person (`user_id`) or of a service account (`client_id`): of one of the two.

    `hint` is how lists show it. `user_epoch`, `tenant_epoch` and `home_epoch` are those at which a
    person made it: it ends with what ends the person's sign-ins. `request_id` names the form that
    made it: sent twice, it makes one key. `last_used_address` is encrypted.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("tenant_id", "request_id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"]),
        CheckConstraint("user_id IS NOT NULL OR client_id IS NOT NULL", name="owner"),
        Index("ix_api_keys_tenant_id_user_id", "tenant_id", "user_id"),
        Index("ix_api_keys_tenant_id_client_id", "tenant_id", "client_id"),
        Index("ix_api_keys_expires_at", "expires_at"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str | None] = technical(Id)
    client_id: Mapped[str | None] = technical(Id)
    name: Mapped[str] = personal(String(60), export=True, on_erasure=OnErasure.DELETE_ROW)
    hint: Mapped[str] = technical(String(32))
    key_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    scopes: Mapped[list[str]] = technical(Document)
    roles: Mapped[list[str]] = technical(Document)
    ip_allowlist: Mapped[list[str]] = personal(
        Document, export=True, on_erasure=OnErasure.DELETE_ROW
    )
    user_epoch: Mapped[int | None] = technical(Integer)
    tenant_epoch: Mapped[int | None] = technical(Integer)
    home_epoch: Mapped[int | None] = technical(Integer)
    request_id: Mapped[str | None] = technical(Id)
    created_by: Mapped[str] = technical(Id)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime | None] = technical(UtcTime)
    warned_at: Mapped[datetime | None] = technical(UtcTime)
    revoked_at: Mapped[datetime | None] = technical(UtcTime)
    last_used_at: Mapped[datetime | None] = technical(UtcTime)
    last_used_address: Mapped[bytes | None] = personal(
        LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW
    )
