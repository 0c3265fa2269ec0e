"""A tenant as every request needs it: frozen, from the cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authserver.core.database.engine import Database
from authserver.tenants import statements
from authserver.tenants.policy import Tier


@dataclass(frozen=True)
class TenantSnapshot:
    """What requests need of a tenant's row."""

    id: str
    slug: str
    name: str
    type: str
    locale: str | None
    website: str | None
    own_issuer: bool
    password_preset: str
    mfa_required: bool
    tier: str
    registration_open: bool
    client_registration: str
    client_secret_jwt: bool
    dpop_nonces: bool
    suspended: bool
    security_epoch: int
    version: int
    time_zone: str | None = None
    date_format: str | None = None
    accent: str | None = None
    logo_id: str | None = None
    logo_width: int | None = None
    issuer_host: str | None = None
    access_token_seconds: int | None = None
    refresh_token_minutes: int | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any], prefix: str = "") -> "TenantSnapshot":
        """Make the snapshot of a row of `statements.COLUMNS`, each under `prefix` + its name."""
        values = {column.key: row[prefix + column.key] for column in statements.COLUMNS}
        return cls(suspended=values.pop("suspended_at") is not None, **values)

    def access_life(self, longest: timedelta) -> timedelta:
        """Return how long an access token of its clients lives at most."""
        own = self.access_token_seconds
        return longest if own is None else min(longest, timedelta(seconds=own))

    def refresh_life(self, longest: timedelta) -> timedelta:
        """Return how long a family of refresh tokens of its clients lives at most."""
        own = self.refresh_token_minutes
        return longest if own is None else min(longest, timedelta(minutes=own))


def load_by_slug(database: Database, slug: str) -> TenantSnapshot | None:
    """Read a tenant by its slug."""
    with database.read() as view:
        row = view.row(statements.TENANT_BY_SLUG, {"slug": slug})
    return TenantSnapshot.of(row) if row else None


def load_by_host(database: Database) -> dict[str, TenantSnapshot]:
    """Read the tenants whose issuer is at a host of their own, by that host."""
    with database.read() as view:
        rows = view.rows(statements.TENANTS_AT_HOSTS, {})
    return {row["issuer_host"]: TenantSnapshot.of(row) for row in rows}


def load_tier(database: Database, tenant_id: str) -> Tier | None:
    """Read a tenant's tier by its id."""
    with database.read() as view:
        row = view.row(statements.TIER_OF_TENANT, {"tenant_id": tenant_id})
    return Tier(row["tier"]) if row else None


def read_version(database: Database) -> int:
    """Return the installation's snapshot counter, 0 before it is set up."""
    with database.read() as view:
        row = view.row(statements.SNAPSHOT_VERSION, {})
    return row["snapshot_version"] if row else 0
