"""How a tenant's mails look: its name, its language and its website."""

from urllib.parse import urlsplit

from authserver.core.database.engine import Database
from authserver.delivery.mail import Brand
from authserver.tenants.models import Tenant


class Brands:
    """Brands by the tenant's id, read for each mail: the worker may be a process of its own."""

    def __init__(self, database: Database) -> None:
        """Take where tenants are."""
        self._database = database

    def of(self, tenant_id: str) -> Brand:
        """Return a tenant's brand, the product's where the tenant is gone."""
        with self._database.read() as view:
            tenant = view.tenant(tenant_id).get(Tenant, tenant_id)
            if tenant is None:
                return Brand()
            host = urlsplit(tenant.website).hostname if tenant.website else None
            return Brand(tenant.name, tenant.locale, host)
