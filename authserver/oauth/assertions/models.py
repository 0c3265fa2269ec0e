"""Issuers whose assertions a tenant accepts, and the assertions that were used."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

CONNECTION = ["federation_connections.owner", "federation_connections.id"]


class AssertionIssuer(Base, TenantScoped):
    """Somebody whose word a tenant takes, for these clients and scopes; see `values.Trusted`.

    `subjects` are the machines that it speaks of: what it calls them, and the client it means.
    """

    __tablename__ = "assertion_issuers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "issuer"),
        UniqueConstraint("tenant_id", "name"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(
            ["connection_owner", "connection_id"], CONNECTION, ondelete="SET NULL"
        ),
        CheckConstraint("connection_owner IN (tenant_id, 'platform')", name="connection_owner"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    name: Mapped[str] = technical(String(40))
    issuer: Mapped[str] = technical(String(255))
    jwks: Mapped[dict[str, object] | None] = technical(Document)
    jwks_uri: Mapped[str | None] = technical(String(2048))
    algorithms: Mapped[list[str]] = technical(Document)
    clients: Mapped[list[str]] = technical(Document)
    scopes: Mapped[list[str]] = technical(Document)
    subject: Mapped[str] = technical(String(16))
    subjects: Mapped[dict[str, str]] = technical(Document)
    connection_owner: Mapped[str | None] = technical(Id)
    connection_id: Mapped[str | None] = technical(Id)
    longest: Mapped[int] = technical(Integer)  # seconds
    trusts_amr: Mapped[bool] = technical(Boolean, default=False)
    enabled: Mapped[bool] = technical(Boolean, default=True, server_default=true())
    created_at: Mapped[datetime] = technical(UtcTime)


class UsedGrant(Base, TenantScoped):
    """An assertion that became a token: its issuer and `jti` are good once (RFC 7523 section 3).

    Known without its issuer's row: who is removed and registered again gets no second use.
    """

    __tablename__ = "used_grants"

    tenant_id: Mapped[str] = technical(ForeignKey("tenants.id"), primary_key=True)
    jti_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
