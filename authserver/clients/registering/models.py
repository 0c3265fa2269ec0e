"""What lets clients register themselves, and what each of them looks after itself with."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped

from authserver.clients.models import OWNER
from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime


class InitialAccessToken(Base, TenantScoped):
    """What lets so many clients of some kinds register (RFC 7591 section 1.2). Hashed.

    `vouches`: the tenant knows who registers with it, and stands for what they register.
    `statement_keys` are whose software statements count, as `statement_issuer`; without them none
    does.
    """

    __tablename__ = "initial_access_tokens"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        CheckConstraint("clients_left >= 0", name="clients_left"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    token_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    name: Mapped[str] = technical(String(120))
    kinds: Mapped[list[str]] = technical(Document)
    scopes: Mapped[list[str]] = technical(Document)
    clients_left: Mapped[int] = technical(Integer)
    vouches: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    statement_issuer: Mapped[str | None] = technical(String(255))
    statement_keys: Mapped[dict[str, object] | None] = technical(Document)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
    revoked_at: Mapped[datetime | None] = technical(UtcTime)


class SelfRegistration(Base, TenantScoped):
    """By what a client registered itself, its registration access token, and its last use."""

    __tablename__ = "client_registrations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], OWNER),
        ForeignKeyConstraint(
            ["tenant_id", "initial_token_id"],
            ["initial_access_tokens.tenant_id", "initial_access_tokens.id"],
        ),
    )

    client_id: Mapped[str] = technical(Id, primary_key=True)
    initial_token_id: Mapped[str] = technical(Id)
    token_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    used_at: Mapped[datetime] = technical(UtcTime, index=True)
