"""Which domains are a tenant's own, and where their people sign in, as requests ask.

A named platform service: nobody knows yet whose people they are. `proving` is what changes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from authserver.core.database.engine import Transaction
from authserver.tenants.models import TenantDomain


@dataclass(frozen=True)
class Route:
    """Where people with addresses of a domain sign in, whether they have an account or not."""

    tenant_id: str
    connection_id: str


def proved(transaction: Transaction, tenant_id: str) -> frozenset[str]:
    """Return the domains that a tenant has proved to be its own."""
    wanted = select(TenantDomain.domain).where(TenantDomain.verified_at.is_not(None))
    return frozenset(transaction.tenant(tenant_id).scalars(wanted))


def route(transaction: Transaction, domain: str) -> Route | None:
    """Return where people of a domain (in its one form) sign in, None if nowhere in particular.

    Whoever follows it asks whether the connection is enabled and may be used by the tenant.
    """
    wanted = select(TenantDomain.tenant_id, TenantDomain.connection_id).where(
        TenantDomain.domain == domain,
        TenantDomain.verified_at.is_not(None),
        TenantDomain.connection_id.is_not(None),
    )
    row = transaction.platform().execute(wanted).first()
    return Route(row.tenant_id, row.connection_id) if row else None


def has_routes(transaction: Transaction, tenant_ids: Sequence[str] | None) -> bool:
    """Tell whether any domain of these tenants, or of all (None), leads to a connection."""
    wanted = select(TenantDomain.id).where(
        TenantDomain.verified_at.is_not(None), TenantDomain.connection_id.is_not(None)
    )
    if tenant_ids is not None:
        wanted = wanted.where(TenantDomain.tenant_id.in_(tenant_ids))
    return transaction.platform().scalar(wanted.limit(1)) is not None


def forget_routes(transaction: Transaction, connection_id: str) -> None:
    """Let no domain lead to a connection any more."""
    mine = update(TenantDomain).where(TenantDomain.connection_id == connection_id)
    cleared = mine.values(connection_id=None, connection_owner=None)
    transaction.platform().execute(cleared, execution_options={"synchronize_session": False})
