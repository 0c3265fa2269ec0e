"""Quotas of clients, counted exactly: in the transaction that issues the token.

Unlike a rate limit a quota is a promise about money: it holds over all processes and a restart. A
client without one costs no statement.
"""

from datetime import datetime

from authserver.core.database.engine import Transaction
from authserver.usage import statements
from authserver.usage.policy import MOST_QUOTA, Quota, Spent


def spend(
    transaction: Transaction, tenant_id: str, client_id: str, *, quota: Quota, now: datetime
) -> bool:
    """Take one of day and month; False, and nothing is taken, where one of them has none left."""
    values = {
        **_client(tenant_id, client_id),
        "day": f"{now:%Y-%m-%d}",
        "month": f"{now:%Y-%m}",
        "day_limit": quota.day or MOST_QUOTA,
        "month_limit": quota.month or MOST_QUOTA,
    }
    return transaction.change(statements.SPEND, values) == 1


def give_back(transaction: Transaction, tenant_id: str, client_id: str) -> None:
    """Undo `spend` of the same transaction: nothing was issued."""
    transaction.change(statements.GIVE_BACK, _client(tenant_id, client_id))


def spent(transaction: Transaction, tenant_id: str, client_id: str, *, now: datetime) -> Spent:
    """Return what was used of the day and the month."""
    row = transaction.row(statements.SPENT, _client(tenant_id, client_id))
    if row is None:
        return Spent(0, 0)
    day = row["day_used"] if row["day"] >= f"{now:%Y-%m-%d}" else 0
    month = row["month_used"] if row["month"] >= f"{now:%Y-%m}" else 0
    return Spent(day, month)


def _client(tenant_id: str, client_id: str) -> dict[str, str]:
    return {"tenant_id": tenant_id, "client_id": client_id}
