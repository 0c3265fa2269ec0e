"""Connections, the identities linked by them, provider tokens, and sign-ins that are under way."""

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

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

OWNER = ["users.tenant_id", "users.id"]
IDENTITY = ["federated_identities.tenant_id", "federated_identities.id"]
CONNECTION = ["federation_connections.owner", "federation_connections.id"]
PLATFORM = "platform"  # the owner of the platform's connections; no tenant's id looks like it


class FederationConnection(Base, Platform):
    """A provider where people may prove who they are; see `values.Connection`.

    One of the platform belongs to no tenant. `owner` is the tenant's id, or PLATFORM: what refers
    to a connection names it as well, so that the database lets no tenant use that of another.
    `client_secret` is encrypted.
    """

    __tablename__ = "federation_connections"
    __table_args__ = (
        UniqueConstraint("owner", "id"),
        UniqueConstraint("owner", "name"),
        CheckConstraint(f"owner = coalesce(tenant_id, '{PLATFORM}')", name="owner"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    tenant_id: Mapped[str | None] = technical(ForeignKey("tenants.id"))
    owner: Mapped[str] = technical(Id)
    kind: Mapped[str] = technical(String(16))
    name: Mapped[str] = technical(String(40))
    label: Mapped[str] = technical(String(60))
    client_id: Mapped[str] = technical(String(255))
    client_secret: Mapped[bytes | None] = technical(LargeBinary)
    server: Mapped[str] = technical(String(255), default="")
    scopes: Mapped[list[str]] = technical(Document)
    enabled: Mapped[bool] = technical(Boolean, default=True, server_default=true())
    link_only: Mapped[bool] = technical(Boolean, default=False)
    allowed: Mapped[list[str]] = technical(Document)
    claims: Mapped[dict[str, str]] = technical(Document)
    creates_people: Mapped[bool] = technical(Boolean, default=False)
    default_roles: Mapped[list[str]] = technical(Document)
    group_roles: Mapped[dict[str, str]] = technical(Document)
    trusts_amr: Mapped[bool] = technical(Boolean, default=False)
    keeps_tokens: Mapped[bool] = technical(Boolean, default=False)
    position: Mapped[int] = technical(Integer, default=0)
    version: Mapped[int] = technical(Integer, default=1, server_default="1")
    created_at: Mapped[datetime] = technical(UtcTime)
    updated_at: Mapped[datetime] = technical(UtcTime)


class FederatedIdentity(Base, TenantScoped):
    """What links an account to somebody a provider knows. It is made and deleted, never changed.

    Only `label` and `last_used_at` follow what the provider says. `email` is the address that the
    provider named when the link was made: both are told of its end.
    """

    __tablename__ = "federated_identities"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "connection_id", "issuer", "subject"),
        UniqueConstraint("user_id", "connection_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
        ForeignKeyConstraint(["connection_owner", "connection_id"], CONNECTION),
        CheckConstraint(f"connection_owner IN (tenant_id, '{PLATFORM}')", name="connection_owner"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    connection_owner: Mapped[str] = technical(Id)
    connection_id: Mapped[str] = technical(Id, index=True)
    issuer: Mapped[str] = technical(String(255))
    subject: Mapped[str] = personal(String(255), export=True, on_erasure=OnErasure.DELETE_ROW)
    label: Mapped[str] = personal(String(320), export=True, on_erasure=OnErasure.DELETE_ROW)
    email: Mapped[str | None] = personal(String(254), export=True, on_erasure=OnErasure.DELETE_ROW)
    created_at: Mapped[datetime] = technical(UtcTime)
    last_used_at: Mapped[datetime | None] = technical(UtcTime)


class ProviderToken(Base, TenantScoped):
    """The provider's tokens of one identity, encrypted. They go with it, and leave in no answer.

    Whoever refreshes them claims them first: a refresh token may be good for one use. `version`
    moves with every change, so that nobody writes over what another one has stored meanwhile.
    """

    __tablename__ = "provider_tokens"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "identity_id"], IDENTITY, ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    identity_id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    access_token: Mapped[bytes] = personal(
        LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    refresh_token: Mapped[bytes | None] = personal(
        LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    scope: Mapped[str] = technical(String(1024))
    expires_at: Mapped[datetime | None] = technical(UtcTime)
    version: Mapped[int] = technical(Integer, default=1)
    claimed_until: Mapped[datetime | None] = technical(UtcTime)
    updated_at: Mapped[datetime] = technical(UtcTime)


class UpstreamRequest(Base, Platform):
    """A browser that was sent to a provider and is not back yet. Its row goes with its use.

    Made before anybody knows who will come back, so it belongs to no tenant. `state_hash` covers
    the browser and the connection, too: a state that comes from elsewhere finds no row. `sealed` is
    what the sign-in was begun with (nonce, verifier, place; the account and its session where
    somebody who is signed in connects another way in), under a key that only the state and the
    browser's cookie give together.
    """

    __tablename__ = "upstream_requests"

    state_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    connection_id: Mapped[str] = technical(Id, index=True)
    sealed: Mapped[bytes] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)


class OfferedIdentity(Base, Platform):
    """Somebody whom a provider has proved and no account knows: to be connected by signing in.

    Bound to one hop of one browser (TOP-01): whoever signs in there, and nowhere else, gets it,
    once. `sealed` is the identity, under a key that only the browser's cookie gives.
    """

    __tablename__ = "offered_identities"
    __table_args__ = (UniqueConstraint("hop_hash"),)

    id: Mapped[str] = technical(Id, primary_key=True)
    hop_hash: Mapped[bytes] = technical(LargeBinary(32))
    connection_id: Mapped[str] = technical(Id, index=True)
    sealed: Mapped[bytes] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
