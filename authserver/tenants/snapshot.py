"""A tenant as every request needs it: frozen, from the cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from authserver.core.db import Database
from authserver.tenants.models import Installation, Tenant


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
    suspended: bool
    security_epoch: int
    version: int

    @classmethod
    def of(cls, row: Mapping[str, Any], prefix: str = "") -> "TenantSnapshot":
        """Make the snapshot of a row that has COLUMNS, each under `prefix` + its name."""
        values = {column.key: row[prefix + column.key] for column in COLUMNS}
        return cls(suspended=values.pop("suspended_at") is not None, **values)


COLUMNS = (
    Tenant.id,
    Tenant.slug,
    Tenant.name,
    Tenant.type,
    Tenant.locale,
    Tenant.website,
    Tenant.own_issuer,
    Tenant.suspended_at,
    Tenant.security_epoch,
    Tenant.version,
)
_BY_SLUG = select(*COLUMNS).where(Tenant.slug == bindparam("slug"))
_VERSION = select(Installation.snapshot_version)


def load_by_slug(database: Database, slug: str) -> TenantSnapshot | None:
    """Read a tenant by its slug."""
    with database.read() as view:
        row = view.connection.execute(_BY_SLUG, {"slug": slug}).mappings().first()
    return TenantSnapshot.of(dict(row)) if row else None


def read_version(database: Database) -> int:
    """Return the installation's snapshot counter, 0 before it is set up."""
    with database.read() as view:
        return view.connection.execute(_VERSION).scalar() or 0
