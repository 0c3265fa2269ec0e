"""Which clients hold tokens of a person, and how all of one client's end together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.core.database.engine import Transaction
from authserver.tokens import statements
from authserver.tokens.families import RevocationReason


@dataclass(frozen=True)
class Holding:
    """One family of tokens that a client holds."""

    client_id: str
    scope: tuple[str, ...]
    created_at: datetime
    refreshed_at: datetime | None


def of_person(
    transaction: Transaction,
    tenant_id: str,
    *,
    user_id: str,
    now: datetime,
    access_token_life: timedelta,
) -> list[Holding]:
    """Return what is held of an account. A family without refresh token counts that long."""
    wanted = {
        "tenant_id": tenant_id,
        "user_id": user_id,
        "at": now,
        "younger_than": now - access_token_life,
    }
    return [
        Holding(row["client_id"], tuple(row["scope"]), row["created_at"], row["refreshed_at"])
        for row in transaction.rows(statements.FAMILIES_OF_PERSON, wanted)
    ]


def revoke(
    transaction: Transaction, tenant_id: str, *, user_id: str, client_id: str, now: datetime
) -> int:
    """End every family of the account that a client has; return how many."""
    values = {
        "of_tenant": tenant_id,
        "of_user": user_id,
        "of_client": client_id,
        "now": now,
        "reason": RevocationReason.REVOKED_BY_PERSON.value,
    }
    return transaction.change(statements.REVOKE_FAMILIES_OF_CLIENT, values)
