"""Connections at hand: taking one from the pool, and testing it there, costs too much each time.

Owns how many are kept and how many are lent at once. Must not know what is done with them.
"""

import threading
import time
from collections import deque
from types import TracebackType

from sqlalchemy import Connection, Engine

# Longer unused it goes back to the pool, which tests it before it is used again.
_FRESH_SECONDS = 1.0
# As long somebody waits for one of few. Then there is one more: who holds one may ask for another.
_PATIENCE = 0.02


class Kept:
    """Lends connections of an engine and keeps a few that were used a moment ago."""

    def __init__(self, engine: Engine, *, most: int, at_once: int) -> None:
        """Take the engine, how many to keep, and how many are lent before somebody has to wait."""
        self._engine = engine
        self._most = most
        self.free = threading.Semaphore(at_once)
        self._at_hand: deque[tuple[Connection, float]] = deque()

    def borrow(self) -> "Loan":
        """Give, for a `with`, a connection that nobody else uses meanwhile."""
        return Loan(self)

    def close(self) -> None:
        """Give every connection at hand back to the pool."""
        while self._at_hand:
            self._at_hand.pop()[0].close()

    def take(self) -> Connection:
        """Return a connection; whoever takes one gives it back, or closes it."""
        try:
            connection, used_at = self._at_hand.pop()
        except IndexError:
            return self._engine.connect()
        if time.monotonic() - used_at < _FRESH_SECONDS:
            return connection
        connection.close()
        return self.take()

    def give_back(self, connection: Connection) -> None:
        """Keep a connection that is as it was, or let the pool have it."""
        if len(self._at_hand) < self._most:
            self._at_hand.append((connection, time.monotonic()))
        else:
            connection.close()


class Loan:
    """A connection for as long as a `with` lasts; closed where that failed."""

    _connection: Connection
    _counts: bool

    def __init__(self, kept: Kept) -> None:
        """Take where it comes from."""
        self._kept = kept

    def __enter__(self) -> Connection:
        """Take it."""
        self._counts = self._kept.free.acquire(timeout=_PATIENCE)
        try:
            self._connection = self._kept.take()
        except BaseException:
            self._end()
            raise
        return self._connection

    def __exit__(
        self, _kind: object, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Give it back without a transaction."""
        try:
            self._give_back(error)
        finally:
            self._end()

    def _give_back(self, error: BaseException | None) -> None:
        if error is not None:
            self._connection.close()
            return
        try:
            self._connection.rollback()
        except BaseException:
            self._connection.close()
            raise
        self._kept.give_back(self._connection)

    def _end(self) -> None:
        if self._counts:
            self._kept.free.release()


def overwrite(engine: Engine) -> bool:
    """Let nothing of what was deleted stay in SQLite's write-ahead log.

    False where somebody reads what is in it: then another time. PostgreSQL does so by itself, when
    it vacuums and recycles its log.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
