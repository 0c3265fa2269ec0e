"""How a tenant's mails look: its name, language, website, colour and logo, and where they lead."""

from urllib.parse import urlsplit

from sqlalchemy import select

from authserver.core.database.engine import Database, Transaction
from authserver.delivery.mail import Brand
from authserver.tenants.branding.models import TenantLogo
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer


class Brands:
    """Brands by the tenant's id, read for each mail: the worker may be a process of its own."""

    def __init__(self, database: Database, *, platform_url: str) -> None:
        """Take where tenants are, and the platform's issuer."""
        self._database = database
        self._platform_url = platform_url

    def of(self, tenant_id: str) -> Brand:
        """Return a tenant's brand, the product's where the tenant is gone."""
        with self._database.read() as view:
            tenant = view.tenant(tenant_id).get(Tenant, tenant_id)
            if tenant is None:
                return Brand()
            return Brand(
                tenant.name,
                tenant.locale,
                urlsplit(tenant.website).hostname if tenant.website else None,
                accent=tenant.accent,
                logo=_logo(view, tenant),
                logo_width=tenant.logo_width,
                issuer=self._issuer(tenant),
            )

    def _issuer(self, tenant: Tenant) -> str:
        if not tenant.own_issuer:
            return self._platform_url
        return tenant_issuer(self._platform_url, tenant.slug, tenant.issuer_host)


def _logo(view: Transaction, tenant: Tenant) -> bytes | None:
    if tenant.logo_id is None:
        return None
    wanted = select(TenantLogo.png).where(TenantLogo.id == tenant.logo_id)
    return view.tenant(tenant.id).scalar(wanted)
