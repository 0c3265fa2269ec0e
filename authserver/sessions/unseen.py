"""Sessions that no browser is in: a person was vouched for, and only tokens come of it.

Such a session has ended when it begins. It is the record to which the tokens belong: when the
person was proved, and how. The tokens end by their family and by the epochs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from authserver.core.database.engine import Transaction
from authserver.core.ids import new_secret
from authserver.sessions import rows, statements
from authserver.sessions.models import UserSession


@dataclass(frozen=True)
class Unseen:
    """Who was proved, and how."""

    session_id: str
    tenant_id: str
    user_id: str
    issuer: str
    level: int
    amr: tuple[str, ...]
    auth_time: datetime
    user_epoch: int


def begin(transaction: Transaction, unseen: Unseen, *, now: datetime, expires_at: datetime) -> bool:
    """Store the record; False where the account or its tenant was closed or moved on."""
    row = UserSession(
        id=unseen.session_id,
        tenant_id=unseen.tenant_id,
        user_id=unseen.user_id,
        browser_hash=rows.name_hash(new_secret()),
        issuer=unseen.issuer,
        level=unseen.level,
        amr=list(unseen.amr),
        auth_time=unseen.auth_time,
        user_epoch=unseen.user_epoch,
        created_at=now,
        last_seen_at=now,
        expires_at=expires_at,
    )
    values: dict[str, Any] = rows.new(row)
    if transaction.change(statements.BEGIN_SESSION, values) != 1:
        return False
    over = update(UserSession).where(UserSession.id == unseen.session_id).values(ended_at=now)
    transaction.tenant(unseen.tenant_id).execute(over.execution_options(synchronize_session=False))
    return True
