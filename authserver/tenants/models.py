"""The tenant's own row, its domains, and the installation's."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    column,
    false,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantItself, TenantScoped
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime
from authserver.tenants.policy import ClientRegistration, PasswordPreset, Tier

_PROVED = column("verified_at").is_not(None)


class TenantType(StrEnum):
    """Whose people a tenant holds."""

    CUSTOMER = "customer"
    PARTNER = "partner"
    INTERNAL = "internal"


class Tenant(Base, TenantItself):
    """An organisation with its own people, clients and, if it wants, its own issuer.

    Its people may trust a browser for `trusted_device_days`, None for not at all; what was trusted
    before `trusted_devices_since` is not any more.
    """

    __tablename__ = "tenants"
    __table_args__ = (
        CheckConstraint("type IN ('customer', 'partner', 'internal')", name="type"),
        CheckConstraint("password_preset IN ('classic', 'nist')", name="password_preset"),
        CheckConstraint("tier IN ('free', 'standard', 'enterprise')", name="tier"),
        CheckConstraint(
            "client_registration IN ('closed', 'pkce_required', 'pkce_optional')",
            name="client_registration",
        ),
        CheckConstraint("trusted_device_days BETWEEN 1 AND 30", name="trusted_device_days"),
        CheckConstraint("session_idle_minutes >= 5", name="session_idle_minutes"),
        CheckConstraint("session_absolute_minutes >= 5", name="session_absolute_minutes"),
        CheckConstraint("access_token_seconds >= 60", name="access_token_seconds"),
        CheckConstraint("refresh_token_minutes >= 5", name="refresh_token_minutes"),
        CheckConstraint("erasure_days BETWEEN 0 AND 30", name="erasure_days"),
        CheckConstraint("activity_event_days >= 30", name="activity_event_days"),
        CheckConstraint("security_event_days >= 180", name="security_event_days"),
        CheckConstraint("administration_event_days >= 365", name="administration_event_days"),
        Index("uq_tenants_issuer_host", "issuer_host", unique=True),
    )

    slug: Mapped[str] = technical(String(63), unique=True)
    name: Mapped[str] = technical(String(120))
    type: Mapped[str] = technical(String(16))
    locale: Mapped[str | None] = technical(String(8))
    time_zone: Mapped[str | None] = technical(String(64))
    currency: Mapped[str | None] = technical(String(3))
    date_format: Mapped[str | None] = technical(String(8))
    # How its pages and mails look: the colour as `#rrggbb`, and which of `tenant_logos` is shown
    # (and how wide, where it is 32 pixels high).
    website: Mapped[str | None] = technical(String(2048))
    accent: Mapped[str | None] = technical(String(7))
    logo_id: Mapped[str | None] = technical(String(43))
    logo_width: Mapped[int | None] = technical(Integer)
    # Whether it has an issuer of its own, and at which host: one of its proved domains, or below
    # it. Without a host the issuer is a path of the platform's.
    own_issuer: Mapped[bool] = technical(Boolean, default=False)
    issuer_host: Mapped[str | None] = technical(String(253))
    password_preset: Mapped[str] = technical(
        String(16),
        default=PasswordPreset.CLASSIC.value,
        server_default=PasswordPreset.CLASSIC.value,
    )
    mfa_required: Mapped[bool] = technical(Boolean, default=False)
    tier: Mapped[str] = technical(
        String(16), default=Tier.STANDARD.value, server_default=Tier.STANDARD.value
    )
    trusted_device_days: Mapped[int | None] = technical(Integer)
    trusted_devices_since: Mapped[datetime | None] = technical(UtcTime)
    # How long a session lives without use, and at all: the installation's lives where null, and
    # never longer than they.
    session_idle_minutes: Mapped[int | None] = technical(Integer)
    session_absolute_minutes: Mapped[int | None] = technical(Integer)
    # How long an access token of its clients lives at most, and a family of refresh tokens from the
    # sign-in on: as the installation has it where null, and never longer than that.
    access_token_seconds: Mapped[int | None] = technical(Integer)
    refresh_token_minutes: Mapped[int | None] = technical(Integer)
    # Its own numbers of signing in (tenants/numbers.py), never looser than the installation's.
    tightened: Mapped[dict[str, int] | None] = technical(Document)
    # Whether strangers may register, with addresses of which domains (none: of any), and for which
    # role: none is what the tenant's type says, an empty one is no role at all.
    registration_open: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    registration_domains: Mapped[list[str] | None] = technical(Document)
    registration_role: Mapped[str | None] = technical(String(40))
    # Of which domains addresses of accounts may be (none: of any), and what it has booked.
    email_domains: Mapped[list[str] | None] = technical(OptionalDocument)
    flags: Mapped[dict[str, bool] | None] = technical(OptionalDocument)
    # Of upstream sign-in: whether accounts are linked by a proved address, which of the platform's
    # connections may be used (none: all of them), and whether switching one off ends its sessions.
    links_by_email: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    platform_connections: Mapped[list[str] | None] = technical(Document)
    ends_federated_sessions: Mapped[bool] = technical(
        Boolean, default=False, server_default=false()
    )
    # Whether clients may register themselves and with what defaults (tenants/policy.py), and
    # whether a client may have a secret that is kept readable, for client_secret_jwt.
    client_registration: Mapped[str] = technical(
        String(16),
        default=ClientRegistration.CLOSED.value,
        server_default=ClientRegistration.CLOSED.value,
    )
    client_secret_jwt: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    # Whether every proof of a client's key needs a nonce of ours (RFC 9449 section 8).
    dpop_nonces: Mapped[bool] = technical(Boolean, default=False, server_default=false())
    # Days between the second word of an erasure and the erasure itself.
    erasure_days: Mapped[int] = technical(Integer, default=14, server_default="14")
    # Days for which events say what they said (tenants/limits/keeping.py); for good where null.
    activity_event_days: Mapped[int | None] = technical(Integer)
    security_event_days: Mapped[int | None] = technical(Integer)
    administration_event_days: Mapped[int | None] = technical(Integer)
    # An archived tenant is suspended, too, and is never resumed before it is taken out again.
    suspended_at: Mapped[datetime | None] = technical(UtcTime)
    archived_at: Mapped[datetime | None] = technical(UtcTime)
    security_epoch: Mapped[int] = technical(Integer, default=1)
    version: Mapped[int] = technical(Integer, default=1)
    created_at: Mapped[datetime] = technical(UtcTime)


class TenantDomain(Base, TenantScoped):
    """A domain of email addresses that a tenant says is its own: proved by a TXT record.

    Several may say so, one can prove it. `token` is what the record has to hold, `checked_at` when
    it was looked for last, `missing_since` when it was not there any more. People with addresses of
    the domain are sent to `connection_id` at once, if one is set: one of the tenant's own, or of
    the platform's.
    """

    __tablename__ = "tenant_domains"
    __table_args__ = (
        UniqueConstraint("tenant_id", "domain"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        ForeignKeyConstraint(
            ["connection_owner", "connection_id"],
            ["federation_connections.owner", "federation_connections.id"],
        ),
        CheckConstraint(
            "connection_owner IN (tenant_id, 'platform')"
            " OR (connection_owner IS NULL AND connection_id IS NULL)",
            name="connection_owner",
        ),
        Index(
            "uq_tenant_domains_domain_of_one",
            "domain",
            unique=True,
            sqlite_where=_PROVED,
            postgresql_where=_PROVED,
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    domain: Mapped[str] = technical(String(253))
    token: Mapped[str] = technical(String(43))
    connection_owner: Mapped[str | None] = technical(Id)
    connection_id: Mapped[str | None] = technical(Id)
    created_at: Mapped[datetime] = technical(UtcTime)
    checked_at: Mapped[datetime | None] = technical(UtcTime)
    verified_at: Mapped[datetime | None] = technical(UtcTime)
    missing_since: Mapped[datetime | None] = technical(UtcTime)


class Installation(Base, Platform):
    """The one row about this installation: proof of the master key, and the snapshot counter."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = technical(Integer, primary_key=True)
    instance: Mapped[str] = technical(Id)
    key_check: Mapped[bytes] = technical()
    password_pepper: Mapped[bytes] = technical()
    snapshot_version: Mapped[int] = technical(Integer, default=1)
    created_at: Mapped[datetime] = technical(UtcTime)
