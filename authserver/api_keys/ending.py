"""Keys that will end soon: their owners are told once, a week before.

A named platform service: it looks into every tenant.
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from authserver.api_keys import policy, statements
from authserver.api_keys.models import ApiKey
from authserver.api_keys.notices import Notices
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id

_AT_ONCE = 100


class Warnings:
    """Tells owners, some keys at a time; any number of processes may."""

    def __init__(self, database: Database, notices: Notices, *, trail: Trail, clock: Clock) -> None:
        """Take where keys are, who is told, and where that is recorded."""
        self._database = database
        self._notices = notices
        self._trail = trail
        self._clock = clock

    def warn(self) -> Sequence[str]:
        """Tell the owners of some keys; return the keys' ids."""
        return self._database.write(self._some)

    def _some(self, transaction: Transaction) -> list[str]:
        now = self._clock.now()
        due = (
            select(ApiKey.id)
            .where(
                ApiKey.expires_at > now,
                ApiKey.expires_at <= now + policy.WARNED_BEFORE,
                ApiKey.warned_at.is_(None),
                ApiKey.revoked_at.is_(None),
            )
            .order_by(ApiKey.expires_at)
            .limit(_AT_ONCE)
        )
        mine = (
            update(ApiKey)
            .where(ApiKey.id.in_(due), ApiKey.warned_at.is_(None))
            .values(warned_at=now)
            .returning(ApiKey.id, ApiKey.tenant_id)
            .execution_options(synchronize_session=False)
        )
        found = [*transaction.platform().execute(mine)]
        for key_id, tenant_id in found:
            self._tell(transaction, tenant_id, key_id)
        return [key_id for key_id, _ in found]

    def _tell(self, transaction: Transaction, tenant_id: str, key_id: str) -> None:
        row = transaction.tenant(tenant_id).get(ApiKey, key_id)
        now = self._clock.now()
        if row is None or row.expires_at is None or _lives_short(row):
            return
        wanted = {"key_hash": row.key_hash, "now": now}
        if transaction.row(statements.FIND_KEY, wanted) is None:
            return  # it opens nothing any more, and nobody misses it
        self._notices.expiring(transaction, row)
        event = Event(
            EventType.API_KEY_EXPIRING,
            tenant_id,
            Actor(ActorKind.OPERATOR, tenant_id, new_id("req")),
            subject=row.user_id,
            resource=f"api_key:{row.id}",
            facts={"until": row.expires_at.isoformat(timespec="seconds")},
        )
        self._trail.record(transaction, event)


def _lives_short(row: ApiKey) -> bool:
    return row.expires_at is not None and (
        row.expires_at - row.created_at < policy.TOO_SHORT_TO_WARN
    )
