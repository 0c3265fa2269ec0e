"""How many people a tenant has: accounts that are not disabled, and those who are invited."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.invitations.models import Invitation


def people(transaction: Transaction, tenant_id: str, most: int, *, now: datetime) -> int:
    """Return how many there are; counts no further than `most`."""
    accounts = select(User.id).where(User.disabled_at.is_(None))
    invited = select(Invitation.id).where(
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > now,
    )
    found = _count(transaction, tenant_id, accounts.limit(most))
    return found + _count(transaction, tenant_id, invited.limit(most))


def _count(transaction: Transaction, tenant_id: str, rows: Select[Any]) -> int:
    found = rows.subquery()
    return transaction.tenant(tenant_id).scalar(select(func.count(found.c.id))) or 0
