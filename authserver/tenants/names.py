"""The display names of tenants, and how their pages look: by id, for pages."""

from authserver.core.cache import Snapshots, Watch
from authserver.core.database.engine import Database
from authserver.tenants import statements
from authserver.tenants.snapshot import TenantSnapshot


class TenantNames:
    """Names by id, from the cache."""

    def __init__(self, database: Database, watch: Watch) -> None:
        """Take where names are and what tells that one changed."""
        self._database = database
        self._names = Snapshots(watch, self._load)
        self._looks = Snapshots(watch, self._load_all)

    def of(self, tenant_id: str) -> str:
        """Return a tenant's display name."""
        return self._names.get(tenant_id) or ""

    def tenant(self, tenant_id: str) -> TenantSnapshot | None:
        """Return a tenant, for pages that are those of its people."""
        return self._looks.get(tenant_id)

    def _load_all(self, tenant_id: str) -> TenantSnapshot | None:
        with self._database.read() as view:
            row = view.row(statements.TENANT_BY_ID, {"tenant_id": tenant_id})
        return TenantSnapshot.of(row) if row else None

    def _load(self, tenant_id: str) -> str | None:
        with self._database.read() as view:
            row = view.row(statements.NAME_OF_TENANT, {"tenant_id": tenant_id})
        return row["name"] if row else None
