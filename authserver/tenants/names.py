"""The display names of tenants, for pages."""

from sqlalchemy import bindparam, select

from authserver.core.cache import Snapshots, Watch
from authserver.core.db import Database
from authserver.tenants.models import Tenant

_NAME = select(Tenant.name).where(Tenant.id == bindparam("tenant_id"))


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
            name: str | None = view.connection.execute(_NAME, {"tenant_id": tenant_id}).scalar()
        return name
