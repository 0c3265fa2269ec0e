"""How far anchors are. A named platform service: a checkpoint is over every trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from authserver.audit.anchors import statements
from authserver.audit.anchors.models import MAX_ERROR, TrailAnchor
from authserver.audit.checkpoints.models import TrailCheckpoint
from authserver.audit.checkpoints.reading import checkpoint_of
from authserver.audit.checkpoints.values import Checkpoint
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction

AT_ONCE = 20


@dataclass(frozen=True)
class Standing:
    """How an anchor stands: the last checkpoint it has, and since when the next one waits."""

    name: str
    number: int
    waiting: int
    oldest: datetime | None
    moved_at: datetime | None
    failing_since: datetime | None
    error: str | None


class Standings:
    """How far anchors are, as the worker and operators see it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where checkpoints are, and the time."""
        self._database = database
        self._clock = clock

    def waiting(self, name: str, *, newest_alone: bool) -> list[Checkpoint]:
        """Return what an anchor has not yet, the oldest first.

        One that is new begins with the newest: what came before it was asked for is not its own.
        """
        with self._database.read() as view:
            row = view.platform().get(TrailAnchor, name)
            newest = view.platform().scalar(select(func.max(TrailCheckpoint.number))) or 0
            reached = row.number if row else newest - 1
            after = max(reached, newest - 1) if newest_alone else reached
            found = view.rows(statements.AFTER, {"after": after, "most": AT_ONCE})
        return [checkpoint_of(one) for one in found]

    def taken(self, name: str, number: int) -> None:
        """Note that an anchor has all until a checkpoint."""
        now = self._clock.now()

        def job(transaction: Transaction) -> None:
            row = _row(transaction, name)
            row.number, row.moved_at = max(row.number, number), now
            row.failing_since = row.error = None

        self._database.write(job)

    def refused(self, name: str, error: str) -> None:
        """Note why an anchor took nothing."""
        now = self._clock.now()

        def job(transaction: Transaction) -> None:
            row = _row(transaction, name)
            row.failing_since, row.error = row.failing_since or now, error[:MAX_ERROR]

        self._database.write(job)

    def all(self, transaction: Transaction, names: Sequence[str]) -> list[Standing]:
        """Return how each of them stands."""
        return [self._one(transaction, name) for name in names]

    def _one(self, transaction: Transaction, name: str) -> Standing:
        session = transaction.platform()
        row = session.get(TrailAnchor, name)
        newest = session.scalar(select(func.max(TrailCheckpoint.number))) or 0
        number = row.number if row else 0
        waiting = max(0, newest - (number if row else max(0, newest - 1)))
        oldest = select(TrailCheckpoint.at).where(TrailCheckpoint.number == newest - waiting + 1)
        return Standing(
            name,
            number,
            waiting,
            session.scalar(oldest) if waiting else None,
            row.moved_at if row else None,
            row.failing_since if row else None,
            row.error if row else None,
        )


def _row(transaction: Transaction, name: str) -> TrailAnchor:
    session = transaction.platform()
    row = session.get(TrailAnchor, name)
    if row is None:
        newest = session.scalar(select(func.max(TrailCheckpoint.number))) or 0
        row = TrailAnchor(name=name, number=max(0, newest - 1))
        session.add(row)
    return row
