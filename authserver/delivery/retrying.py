"""What an operator makes due again, noted for each tenant whose it is."""

from collections.abc import Callable, Sequence

from sqlalchemy.sql.dml import ReturningUpdate

from authserver.core.database.engine import Transaction

Note = Callable[[Transaction, str, Sequence[str]], None]


def made_due(transaction: Transaction, change: ReturningUpdate[str, str], note: Note) -> list[str]:
    """Make the change, which returns tenants and ids; return the ids, sorted.

    `note` records them for each tenant, in the same transaction. A named platform service: what is
    due is of every tenant.
    """
    found: dict[str, list[str]] = {}
    for tenant_id, row_id in transaction.platform().execute(change):
        found.setdefault(tenant_id, []).append(row_id)
    for tenant_id, ids in sorted(found.items()):
        note(transaction, tenant_id, sorted(ids))
    return sorted(one for ids in found.values() for one in ids)
