"""Signing keys, token families and what is of them, revoked tokens, and who is told of an end."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    column,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime

PERSON = ["users.tenant_id", "users.id"]
CLIENT = ["clients.tenant_id", "clients.id"]
# Few families begin with an exchange: the others are not in the index.
_EXCHANGED = column("parent_id").is_not(None)
_WAITS = column("due_at").is_(None)
_OPEN = and_(column("sent_at").is_(None), column("failed_at").is_(None))


class SigningKey(Base, Platform):
    """A key of one issuer: published, signing, retiring or retired, by its times."""

    __tablename__ = "signing_keys"

    # The kid: a JWK thumbprint, 43 characters of base64url (RFC 7638).
    id: Mapped[str] = technical(String(43), primary_key=True)
    issuer_tenant_id: Mapped[str | None] = technical(ForeignKey("tenants.id"), index=True)
    alg: Mapped[str] = technical(String(8))
    public_jwk: Mapped[dict[str, str]] = technical(Document)
    private_key: Mapped[bytes] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
    signs_from: Mapped[datetime] = technical(UtcTime)
    signs_until: Mapped[datetime | None] = technical(UtcTime)
    published_until: Mapped[datetime | None] = technical(UtcTime)


class TokenFamily(Base, TenantScoped):
    """Everything issued from one authorization of one person to one client.

    Revoking the row revokes every token of it. The epochs are those at issue: a higher one on the
    person, the client or a tenant ends the family. One that began with a token exchange ends with
    the family of that token, its parent, too.
    """

    __tablename__ = "token_families"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], PERSON),
        ForeignKeyConstraint(["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"]),
        ForeignKeyConstraint(["client_tenant_id", "client_id"], CLIENT),
        ForeignKeyConstraint(
            ["tenant_id", "parent_id"], ["token_families.tenant_id", "token_families.id"]
        ),
        Index(
            "ix_token_families_parent_id",
            "parent_id",
            sqlite_where=_EXCHANGED,
            postgresql_where=_EXCHANGED,
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    parent_id: Mapped[str | None] = technical(Id)
    issuer: Mapped[str] = technical(String(255))
    user_id: Mapped[str] = technical(Id, index=True)
    session_id: Mapped[str] = technical(Id, index=True)
    client_tenant_id: Mapped[str] = technical(Id)
    client_id: Mapped[str] = technical(Id)
    scope: Mapped[list[str]] = technical(Document)
    resources: Mapped[list[str]] = technical(Document)
    nonce: Mapped[str | None] = technical(String(2048))
    # The claims that UserInfo was asked for by name; a wanted value may be about a person.
    claims: Mapped[dict[str, object] | None] = personal(
        OptionalDocument, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    auth_time: Mapped[datetime] = technical(UtcTime)
    acr: Mapped[str] = technical(String(64))
    amr: Mapped[list[str]] = technical(Document)
    offline: Mapped[bool] = technical(Boolean)
    user_epoch: Mapped[int] = technical(Integer)
    client_epoch: Mapped[int] = technical(Integer)
    tenant_epoch: Mapped[int] = technical(Integer)
    home_epoch: Mapped[int | None] = technical(Integer)  # of a guest
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
    bound_to: Mapped[str | None] = technical(String(60))  # what its first tokens were bound to
    revoked_at: Mapped[datetime | None] = technical(UtcTime)
    revoked_because: Mapped[str | None] = technical(String(32))


class RefreshToken(Base, TenantScoped):
    """One generation of a family, never changed. The next one's row is what says that it was used.

    So one successor is a matter of the unique key, and a rotation is one insert. `answer` is what
    the use of the generation before gave, readable only with that token; the first has none. Rows
    go with their family and not before, or reuse would not be noticed.
    """

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        UniqueConstraint("family_id", "generation"),
        ForeignKeyConstraint(
            ["tenant_id", "family_id"], ["token_families.tenant_id", "token_families.id"]
        ),
    )

    token_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    family_id: Mapped[str] = technical(Id)
    generation: Mapped[int] = technical(Integer)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
    answer: Mapped[bytes | None] = technical(LargeBinary)


class RevokedToken(Base, TenantScoped):
    """An access token of a machine, revoked before its end."""

    __tablename__ = "revoked_tokens"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], CLIENT),)

    jti: Mapped[str] = technical(String(80), primary_key=True)
    client_id: Mapped[str] = technical(Id)
    revoked_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)


class LogoutNotice(Base, TenantScoped):
    """A client that has to be told when a session ends (OpenID Connect Back-Channel Logout 1.0).

    Written with the first tokens of the session for the client, if it registered where to be told.
    It waits without `due_at` while the session lives; what becomes of it then is in `sent_at` and
    `failed_at`. No foreign key to the session or the person: a client is told also when these are
    gone.
    """

    __tablename__ = "logout_notices"
    __table_args__ = (
        UniqueConstraint("tenant_id", "session_id", "client_id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(["client_tenant_id", "client_id"], CLIENT),
        Index(
            "ix_logout_notices_waiting",
            "session_id",
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        Index("ix_logout_notices_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_logout_notices_sent_at", "sent_at"),
        Index("ix_logout_notices_failed_at", "failed_at"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    session_id: Mapped[str] = technical(Id)
    user_id: Mapped[str] = technical(Id)
    issuer: Mapped[str] = technical(String(255))
    client_tenant_id: Mapped[str] = technical(Id)
    client_id: Mapped[str] = technical(Id)
    attempts: Mapped[int] = technical(Integer, default=0)
    last_error: Mapped[str | None] = technical(String(200))
    created_at: Mapped[datetime] = technical(UtcTime)
    due_at: Mapped[datetime | None] = technical(UtcTime)
    claimed_until: Mapped[datetime | None] = technical(UtcTime)
    sent_at: Mapped[datetime | None] = technical(UtcTime)
    failed_at: Mapped[datetime | None] = technical(UtcTime)
