"""Where a tenant's own issuer is: a path of the platform's, or a host of one of its proved domains.

A host is good for as long as its domain is proved: a domain that is lost takes the host with it,
and the issuer is a path again.
"""

from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.net.addresses import InvalidHostName, check_host_name
from authserver.core.said import reason, said
from authserver.tenants import domains
from authserver.tenants.models import Tenant
from authserver.tenants.policy import UnfitName
from authserver.tenants.service import bump_snapshots


def check_host(text: str, *, proved: Collection[str], platform_url: str) -> str:
    """Return a host that can be an issuer's. Raises UnfitName."""
    host = text.strip().lower()
    try:
        check_host_name(host)
    except InvalidHostName as error:
        raise UnfitName(
            said("This host cannot be an issuer: %(why)s.", why=reason(error)), field="host"
        ) from error
    if host == urlsplit(platform_url).hostname:
        raise UnfitName("This host is the platform's own.", field="host")
    if not is_covered(host, proved):
        raise UnfitName("Prove the domain of this host first: it, or one above it.", field="host")
    return host


def is_covered(host: str, proved: Collection[str]) -> bool:
    """Tell whether a host is one of the proved domains, or below one."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in proved for start in range(len(labels)))


def release(transaction: Transaction, trail: Trail, tenant_id: str, *, actor: Actor) -> None:
    """Take the host of a tenant's issuer away if no proved domain covers it any more."""
    tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id, populate_existing=True)
    if tenant is None or tenant.issuer_host is None:
        return
    if not is_covered(tenant.issuer_host, domains.proved(transaction, tenant_id)):
        move(transaction, trail, tenant, own=True, host=None, actor=actor)


def move(
    transaction: Transaction,
    trail: Trail,
    tenant: Tenant,
    *,
    own: bool,
    host: str | None,
    actor: Actor,
) -> None:
    """Let the tenant's issuer be elsewhere, and tell the caches of every process."""
    before = {"own_issuer": tenant.own_issuer, "issuer_host": tenant.issuer_host}
    after = {"own_issuer": own, "issuer_host": host}
    if before == after:
        return
    tenant.own_issuer, tenant.issuer_host = own, host
    tenant.version += 1
    transaction.flush()
    bump_snapshots(transaction)
    by = replace(actor, principal=actor.principal or tenant.id)
    event = Event(
        EventType.TENANT_ISSUER_CHANGED,
        tenant.id,
        by,
        resource=tenant.id,
        before=before,
        after=after,
    )
    trail.record(transaction, event)
