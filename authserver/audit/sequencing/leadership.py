"""Who gives numbers: one process at a time, and what another one still writes is refused.

The right is an epoch in a row. Every transaction of the leader begins by moving that row's beat
where its own epoch still stands there (the fence): a leader that was stopped for a minute and wakes
up finds a higher epoch and writes nothing. Others take the right when the beat has not moved for a
while by their own watch, so that no clock has to agree with another; on PostgreSQL at once when the
leader's connection is gone, which holds a lock of its epoch.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from authserver.audit.sequencing import statements
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id

PATIENCE = 10.0  # seconds without a beat
_NAME = "sequencer"
_LOCKS = 0x7472  # the class of the advisory locks; the epoch is the lock


@dataclass(frozen=True)
class _Seen:
    epoch: int
    beat: int
    holder: str | None


class Leadership:
    """One process's claim to lead. Not for several threads."""

    def __init__(self, database: Database, *, watch: Callable[[], float] = time.monotonic) -> None:
        """Take the database, and a watch that only ever goes forward, in seconds."""
        self._database = database
        self._watch = watch
        self._holder = new_id("seq")
        self._seen: _Seen | None = None
        self._seen_at = 0.0
        self._lock: Connection | None = None
        self.epoch: int | None = None

    def stand(self, *, at_once: bool = False) -> bool:
        """Tell whether this process leads, trying to where nobody does.

        `at_once` takes the right from whoever has it: an operator said so.
        """
        if self.epoch is not None:
            return True
        seen = self._look()
        if not (at_once or seen.holder is None or self._is_silent(seen) or self._is_gone(seen)):
            return False
        return self._claim(seen)

    def holds(self, transaction: Transaction) -> bool:
        """Pass the fence, first thing in a transaction; False where another process leads now."""
        epoch = {"name": _NAME, "epoch": self.epoch}
        return self.epoch is not None and transaction.change(statements.BEAT, epoch) == 1

    def resign(self) -> None:
        """Let another process lead at once."""
        epoch = {"name": _NAME, "epoch": self.epoch}
        if self.epoch is not None:
            self._database.write(lambda transaction: transaction.change(statements.RESIGN, epoch))
        self.forget()

    def forget(self) -> None:
        """Lead no more, as far as this process knows."""
        self.epoch, self._seen = None, None
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.invalidate()  # it is closed and not given to anybody: its lock goes with it
            lock.close()

    def _look(self) -> _Seen:
        with self._database.read() as view:
            row = view.row(statements.LEASE, {"name": _NAME})
        if row is None:
            raise LookupError("the sequencer has no lease")
        return _Seen(**row)

    def _is_silent(self, seen: _Seen) -> bool:
        """Tell whether the beat stands still for as long as we have patience."""
        if seen != self._seen:
            self._seen, self._seen_at = seen, self._watch()
        return self._watch() - self._seen_at >= PATIENCE

    def _is_gone(self, seen: _Seen) -> bool:
        """Tell whether the leader's connection is gone: then its lock is free."""
        if self._database.engine.dialect.name != "postgresql":
            return False
        lock = self._locked(seen.epoch)
        if lock is None:
            return False
        lock.invalidate()
        lock.close()
        return True

    def _claim(self, seen: _Seen) -> bool:
        claim = {
            "name": _NAME,
            "holder": self._holder,
            "seen_epoch": seen.epoch,
            "seen_beat": seen.beat,
        }
        won = self._database.write(lambda transaction: transaction.change(statements.CLAIM, claim))
        if not won:
            return False
        self.forget()
        self.epoch = seen.epoch + 1
        if self._database.engine.dialect.name == "postgresql":
            self._lock = self._locked(self.epoch)
        return True

    def _locked(self, epoch: int) -> Connection | None:
        """Return a connection of its own that holds the lock of an epoch."""
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if connection.scalar(statements.TRY_LOCK, {"locks": _LOCKS, "epoch": epoch}):
                return connection
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        connection.close()
        return None
