"""The display names of tenants, for pages."""

from authserver.core.cache import Snapshots, Watch
from authserver.core.database.engine import Database
from authserver.tenants import statements


class TenantNames:
    """Names by id, from the cache."""

    def __init__(self, database: Database, watch: Watch) -> None:
        """Take where names are and what tells that one changed."""
        self._database = database
        self._names = Snapshots(watch, self._load)

    def of(self, tenant_id: str) -> str:
        """Return a tenant's display name."""
        return self._names.get(tenant_id) or ""

    def _load(self, tenant_id: str) -> str | None:
        with self._database.read() as view:
            row = view.row(statements.NAME_OF_TENANT, {"tenant_id": tenant_id})
        return row["name"] if row else None
