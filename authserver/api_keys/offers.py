"""The scopes that people can give their keys: those their applications can get for them."""

from sqlalchemy import or_, select

from authserver.api_keys import policy
from authserver.clients.models import Client
from authserver.core.database.engine import Database, Transaction


def offered_in(transaction: Transaction, tenant_id: str) -> frozenset[str]:
    """Return the scopes."""
    query = select(Client.kind, Client.scopes).where(
        Client.disabled_at.is_(None),
        or_(Client.self_registered.is_(False), Client.vouched_for.is_(True)),
    )
    found = transaction.tenant(tenant_id).execute(query)
    return policy.offered((kind, scopes) for kind, scopes in found)


def load(database: Database, tenant_id: str) -> frozenset[str]:
    """Return the same, for a cache."""
    with database.read() as view:
        return offered_in(view, tenant_id)
