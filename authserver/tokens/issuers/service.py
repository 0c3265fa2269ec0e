"""A tenant gets an issuer of its own, moves it to a host of its own, or gives it up."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from authserver.audit.events import Actor
from authserver.audit.service import Trail
from authserver.clients.models import Client
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.tenants import domains, issuers
from authserver.tenants.limits.service import lock_tenant
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer
from authserver.tokens.keys import KeyService


class OwnIssuers:
    """Changes of issuers. An actor without a principal stands for the tenant's operator."""

    def __init__(self, trail: Trail, keys: KeyService, *, platform_url: str) -> None:
        """Take where changes are recorded, what makes keys, and the platform's issuer."""
        self._trail = trail
        self._keys = keys
        self._platform_url = platform_url

    def url_of(self, tenant: Tenant) -> str:
        """Return where the tenant's people sign in."""
        if not tenant.own_issuer:
            return self._platform_url
        return tenant_issuer(self._platform_url, tenant.slug, tenant.issuer_host)

    def move(
        self, transaction: Transaction, tenant_id: str, *, host: str | None, actor: Actor
    ) -> Tenant:
        """Give the tenant an issuer of its own, at a host or as a path, with keys. Idempotent.

        Another address is another issuer: clients that were registered with the one before have
        to be told. Raises NotFound, UnfitName, Conflict.
        """
        tenant = lock_tenant(transaction, tenant_id)
        if host is not None:
            proved = domains.proved(transaction, tenant_id)
            host = issuers.check_host(host, proved=proved, platform_url=self._platform_url)
        try:
            with transaction.tenant(tenant_id).begin_nested():
                issuers.move(transaction, self._trail, tenant, own=True, host=host, actor=actor)
        except IntegrityError as error:
            raise Conflict("Another organization has its issuer at this host.") from error
        self._keys.ensure(transaction, tenant_id, actor)
        return tenant

    def end(self, transaction: Transaction, tenant_id: str, *, actor: Actor) -> Tenant:
        """Let the tenant use the platform's issuer again. Idempotent.

        Raises NotFound, or Conflict while clients are registered at its own.
        """
        tenant = lock_tenant(transaction, tenant_id)
        there = select(Client.id).where(Client.at_tenant_issuer.is_(True)).limit(1)
        if transaction.tenant(tenant_id).scalar(there) is not None:
            raise Conflict("Clients are registered at the tenant's own issuer: remove them first.")
        issuers.move(transaction, self._trail, tenant, own=False, host=None, actor=actor)
        return tenant
