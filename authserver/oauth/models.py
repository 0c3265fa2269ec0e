"""What the protocol remembers between two requests of a sign-in."""

from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime

PERSON = ["users.tenant_id", "users.id"]
SESSION = ["sessions.tenant_id", "sessions.id"]
CLIENT = ["clients.tenant_id", "clients.id"]


class PendingAuthorization(Base, TenantScoped):
    """A validated authorization request, while its person signs in. Belongs to the client's tenant.

    `consented_by` is the session whose person allowed it in this very flow; `denied_at` says that
    the person refused. `person_id` is the home account of who signed in in this very flow,
    `account_id` the account that was chosen in it.
    """

    __tablename__ = "pending_authorizations"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], CLIENT),)

    id: Mapped[str] = technical(Id, primary_key=True)
    handle_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    browser_hash: Mapped[bytes] = technical(LargeBinary(32))
    client_id: Mapped[str] = technical(Id)
    issuer: Mapped[str] = technical(String(255))
    parameters: Mapped[dict[str, str | list[str]]] = personal(
        Document, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    consented_by: Mapped[str | None] = technical(Id)
    person_id: Mapped[str | None] = technical(Id)
    account_id: Mapped[str | None] = technical(Id)
    denied_at: Mapped[datetime | None] = technical(UtcTime)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
    answered_at: Mapped[datetime | None] = technical(UtcTime)


class PushedRequest(Base, TenantScoped):
    """An authorization request that its client left here (RFC 9126), until it is used."""

    __tablename__ = "pushed_requests"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], CLIENT),)

    handle_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    client_id: Mapped[str] = technical(Id)
    issuer: Mapped[str] = technical(String(255))
    parameters: Mapped[dict[str, list[str]]] = personal(
        Document, export=False, on_erasure=OnErasure.KEEP
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)


class AuthorizationCode(Base, TenantScoped):
    """A code, hashed, and everything it is bound to. Belongs to the person's tenant."""

    __tablename__ = "authorization_codes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], PERSON),
        ForeignKeyConstraint(["tenant_id", "session_id"], SESSION),
        ForeignKeyConstraint(["client_tenant_id", "client_id"], CLIENT),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    code_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    issuer: Mapped[str] = technical(String(255))
    user_id: Mapped[str] = technical(Id)
    session_id: Mapped[str] = technical(Id, index=True)
    client_tenant_id: Mapped[str] = technical(Id)
    client_id: Mapped[str] = technical(Id)
    redirect_uri: Mapped[str] = technical(String(2048))
    code_challenge: Mapped[str | None] = technical(String(43))
    nonce: Mapped[str | None] = technical(String(2048))
    scope: Mapped[list[str]] = technical(Document)
    resources: Mapped[list[str]] = technical(Document)
    # The claims that were asked for by name; a wanted value may say something about a person.
    claims: Mapped[dict[str, object] | None] = personal(
        OptionalDocument, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    family_id: Mapped[str] = technical(Id)
    failed_attempts: Mapped[int] = technical(Integer, default=0)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
    used_at: Mapped[datetime | None] = technical(UtcTime)
    dpop_jkt: Mapped[str | None] = technical(String(43))  # the key that must redeem it


class Consent(Base, TenantScoped):
    """What a person allowed a client, until revoked. Belongs to the person's tenant."""

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "client_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], PERSON),
        ForeignKeyConstraint(["client_tenant_id", "client_id"], CLIENT),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    client_tenant_id: Mapped[str] = technical(Id)
    client_id: Mapped[str] = technical(Id)
    scope: Mapped[list[str]] = technical(Document)
    resources: Mapped[list[str]] = technical(Document)
    # Claims that were allowed by name, beyond those that the scopes open.
    claims: Mapped[list[str] | None] = technical(OptionalDocument)
    granted_at: Mapped[datetime] = technical(UtcTime)
