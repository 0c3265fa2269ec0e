"""Clients, their secrets, and the assertions they have used."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, validates

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

OWNER = ["clients.tenant_id", "clients.id"]
_LONGEST_KEY = 240
# Sorted and compared letter by letter, on every database.
_KEY = String(_LONGEST_KEY).with_variant(String(_LONGEST_KEY, collation="C"), "postgresql")


class Client(Base, TenantScoped):
    """A registered client (RFC 6749 section 2). Its `id` is the client_id."""

    __tablename__ = "clients"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index("ix_clients_name", "tenant_id", "name_key", "id"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    name: Mapped[str] = technical(String(120))
    # What the name is searched and sorted by.
    name_key: Mapped[str] = technical(_KEY, default="", server_default="")
    kind: Mapped[str] = technical(String(16))
    auth_method: Mapped[str] = technical(String(32))
    grant_types: Mapped[list[str]] = technical(Document)
    redirect_uris: Mapped[list[str]] = technical(Document)
    scopes: Mapped[list[str]] = technical(Document)
    audiences: Mapped[list[str]] = technical(Document)
    ip_allowlist: Mapped[list[str]] = technical(Document)
    rate: Mapped[str | None] = technical(String(32))
    # How many tokens it may get in a day and in a month (UTC); null is no quota.
    quota_day: Mapped[int | None] = technical(Integer)
    quota_month: Mapped[int | None] = technical(Integer)
    pkce_required: Mapped[bool] = technical(Boolean, default=True)
    first_party: Mapped[bool] = technical(Boolean, default=False)
    at_tenant_issuer: Mapped[bool] = technical(Boolean, default=False)
    serves: Mapped[list[str]] = technical(Document)
    access_token_alg: Mapped[str] = technical(String(8))
    id_token_alg: Mapped[str] = technical(String(8))
    jwks: Mapped[dict[str, object] | None] = technical(Document)
    policy_uri: Mapped[str | None] = technical(String(2048))
    tos_uri: Mapped[str | None] = technical(String(2048))
    # Of a picture of our own making (clients/logos), not the address where it came from.
    logo_id: Mapped[str | None] = technical(String(43))
    options: Mapped[dict[str, object]] = technical(Document, default=dict, server_default="{}")
    # It registered itself (RFC 7591): nobody has looked at what it says of itself.
    self_registered: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    vouched_for: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    disabled_at: Mapped[datetime | None] = technical(UtcTime)
    # What people allowed before was allowed to another name, or for other places to go back to.
    consents_from: Mapped[datetime | None] = technical(UtcTime)
    # The row of a client that unregistered stays: the trail and old tokens name it.
    deleted_at: Mapped[datetime | None] = technical(UtcTime)
    security_epoch: Mapped[int] = technical(Integer, default=1)
    version: Mapped[int] = technical(Integer, default=1)
    created_at: Mapped[datetime] = technical(UtcTime)

    @validates("name")
    def _follow_name(self, _key: str, name: str) -> str:
        self.name_key = name_key(name)
        return name


def name_key(name: str) -> str:
    """Return what a client's name is searched and sorted by."""
    return name.casefold()[:_LONGEST_KEY]


class ClientSecret(Base, TenantScoped):
    """One of at most two live secrets, hashed; of client_secret_jwt, encrypted too."""

    __tablename__ = "client_secrets"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], OWNER),)

    id: Mapped[str] = technical(Id, primary_key=True)
    client_id: Mapped[str] = technical(Id, index=True)
    secret_hash: Mapped[bytes] = technical(LargeBinary(32))
    sealed: Mapped[bytes | None] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime | None] = technical(UtcTime, index=True)
    # How often people were told that the client soon has no secret any more.
    warnings: Mapped[int] = technical(Integer, default=0, server_default="0")
    revoked_at: Mapped[datetime | None] = technical(UtcTime)


class UsedAssertion(Base, TenantScoped):
    """A client assertion that was accepted: its `jti` is good once (RFC 7523 section 3)."""

    __tablename__ = "used_assertions"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], OWNER),)

    client_id: Mapped[str] = technical(Id, primary_key=True)
    jti_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)


class ClientLogo(Base, TenantScoped):
    """A client's logo, made anew from what was at its `logo_uri`. Its `id` is not guessed."""

    __tablename__ = "client_logos"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], OWNER),)

    id: Mapped[str] = technical(String(43), primary_key=True)
    client_id: Mapped[str] = technical(Id, unique=True)
    uri: Mapped[str] = technical(String(2048))
    image: Mapped[bytes] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)


class ClientOrigin(Base, TenantScoped):
    """An origin whose scripts may call the token and UserInfo endpoints: a public browser app's."""

    __tablename__ = "client_origins"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], OWNER),)

    client_id: Mapped[str] = technical(Id, primary_key=True)
    origin: Mapped[str] = technical(String(300), primary_key=True, index=True)
