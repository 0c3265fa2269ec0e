"""What an installation needs, looked at: database, schema, what leaves it, signing keys, Redis.

A named platform service. Nothing here takes long: it is asked by people who wait, and by programs
every few seconds.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from importlib.metadata import version

from sqlalchemy import func, select

from authserver.core.clock import Clock
from authserver.core.database import revisions
from authserver.core.database.engine import Database, Transaction
from authserver.delivery.models import OutboxMessage
from authserver.settings import PRODUCT
from authserver.tokens.keys import KeyService
from authserver.tokens.models import LogoutNotice
from authserver.webhooks.models import WebhookDelivery, WebhookEndpoint

_LATE = timedelta(minutes=5)
_SLOW = 50  # milliseconds for an answer of the database


class Level(Enum):
    """How something is. UNUSED: it is not configured, and need not be."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNUSED = "unused"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, with its figures."""

    name: str
    level: Level
    facts: Mapping[str, str | int | None] = field(default_factory=dict)


class Health:
    """Looks at everything."""

    def __init__(
        self,
        database: Database,
        keys: KeyService,
        clock: Clock,
        *,
        rotation: timedelta,
        ping: Callable[[], bool] | None,
        trail: Callable[[Transaction], Sequence[Finding]] = lambda _: (),
    ) -> None:
        """Take what is looked at. `ping` asks Redis; None where there is none to ask.

        `trail` looks at the trail, its streams and its anchors.
        """
        self._database = database
        self._keys = keys
        self._clock = clock
        self._rotation = rotation
        self._ping = ping
        self._trail = trail
        self.version = version(PRODUCT)

    def now(self) -> datetime:
        """Return the time of the look."""
        return self._clock.now()

    def look(self, transaction: Transaction) -> list[Finding]:
        """Return what was found, in the order in which people read it."""
        return [
            self._of_database(transaction),
            self._of_schema(),
            self._of_mail(transaction),
            self._of_logouts(transaction),
            self._of_webhooks(transaction),
            *self._trail(transaction),
            self._of_keys(transaction),
            self._of_redis(),
        ]

    def _of_database(self, transaction: Transaction) -> Finding:
        began = time.perf_counter()
        transaction.platform().scalar(select(1))
        took = round((time.perf_counter() - began) * 1000)
        kind = transaction.connection.dialect.name
        level = Level.GOOD if took <= _SLOW else Level.WARN
        return Finding("database", level, {"kind": kind, "milliseconds": took})

    def _of_schema(self) -> Finding:
        present, needed = revisions.current(self._database.engine), revisions.newest()
        level = Level.GOOD if present == needed else Level.BAD
        return Finding("schema", level, {"revision": present, "needed": needed})

    def _of_mail(self, transaction: Transaction) -> Finding:
        row = OutboxMessage
        waiting = select(func.count(), func.min(row.created_at)).where(
            row.sent_at.is_(None), row.failed_at.is_(None)
        )
        failed = select(func.count()).where(row.failed_at.is_not(None), row.sent_at.is_(None))
        count, oldest = transaction.platform().execute(waiting).one()
        return self._of_queue(
            "mail", count, oldest, failed=transaction.platform().scalar(failed) or 0
        )

    def _of_logouts(self, transaction: Transaction) -> Finding:
        row = LogoutNotice
        waiting = select(func.count(), func.min(row.due_at)).where(
            row.due_at.is_not(None), row.sent_at.is_(None), row.failed_at.is_(None)
        )
        failed = select(func.count()).where(row.failed_at.is_not(None), row.sent_at.is_(None))
        count, oldest = transaction.platform().execute(waiting).one()
        return self._of_queue(
            "logouts", count, oldest, failed=transaction.platform().scalar(failed) or 0
        )

    def _of_webhooks(self, transaction: Transaction) -> Finding:
        """Look whether what is new leaves; what tenants' servers do not take is their business."""
        row = WebhookDelivery
        healthy = select(WebhookEndpoint.id).where(
            WebhookEndpoint.id == row.endpoint_id,
            WebhookEndpoint.failures == 0,
            WebhookEndpoint.paused_at.is_(None),
        )
        fresh = select(func.count(), func.min(row.due_at)).where(
            row.sent_at.is_(None), row.failed_at.is_(None), row.attempts == 0, healthy.exists()
        )
        count, oldest = transaction.platform().execute(fresh).one()
        return self._of_queue("webhooks", count, oldest, failed=0)

    def _of_queue(self, name: str, count: int, oldest: datetime | None, *, failed: int) -> Finding:
        late = oldest is not None and oldest < self._clock.now() - _LATE
        level = Level.BAD if late else Level.WARN if failed else Level.GOOD
        since = oldest.isoformat(timespec="seconds") if oldest else None
        return Finding(name, level, {"waiting": count, "oldest": since, "given_up": failed})

    def _of_keys(self, transaction: Transaction) -> Finding:
        """Look whether the platform can sign, and whether successors came in time."""
        now = self._clock.now()
        keys = self._keys.of(transaction, None)
        active = [one for one in keys.keys if one.state(now) == "active"]
        overdue = [
            one
            for one in active
            if one.signs_until is None and one.signs_from + self._rotation < now
        ]
        level = Level.BAD if not active else Level.WARN if overdue else Level.GOOD
        changes = [one.signs_until for one in active if one.signs_until]
        facts = {
            "active": len(active),
            "overdue": len(overdue),
            "next_change": min(changes).isoformat(timespec="seconds") if changes else None,
        }
        return Finding("signing_keys", level, facts)

    def _of_redis(self) -> Finding:
        if self._ping is None:
            return Finding("redis", Level.UNUSED)
        began = time.perf_counter()
        answers = self._ping()
        took = round((time.perf_counter() - began) * 1000)
        level = Level.GOOD if answers else Level.WARN
        return Finding("redis", level, {"milliseconds": took if answers else None})
