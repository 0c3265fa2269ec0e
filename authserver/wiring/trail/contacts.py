"""Security contacts, put together: what a tenant is, for those that must not know tenants."""

from authserver.audit.contacts.service import Tools, TrailContacts
from authserver.audit.contacts.values import Organization
from authserver.core.database.engine import Transaction
from authserver.links.newcomers import tenant_now
from authserver.roles.service import lock_tenant
from authserver.tenants.resolve import home_issuer
from authserver.wiring.signing_in import Ground


def make_contacts(ground: Ground) -> TrailContacts:
    """Return what keeps security contacts."""
    platform = ground.settings.issuer

    def organization(
        transaction: Transaction, tenant_id: str, *, lock: bool = False
    ) -> Organization:
        find = lock_tenant if lock else tenant_now
        tenant = find(transaction, tenant_id)
        return Organization(
            tenant.id,
            tenant.slug,
            tenant.name,
            home_issuer(platform, tenant),
            suspended=tenant.suspended_at is not None,
        )

    return TrailContacts(
        Tools(ground.database, ground.trail, ground.clock, ground.keyring, organization)
    )
