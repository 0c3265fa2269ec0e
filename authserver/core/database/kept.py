"""Connections at hand: taking one from the pool, and testing it there, costs too much each time."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

# Longer unused it goes back to the pool, which tests it before it is used again.
_FRESH_SECONDS = 1.0


class Kept:
    """Lends connections of an engine and keeps a few that were used a moment ago."""

    def __init__(self, engine: Engine, *, most: int) -> None:
        """Take the engine and how many to keep."""
        self._engine = engine
        self._most = most
        self._at_hand: deque[tuple[Connection, float]] = deque()

    @contextmanager
    def borrow(self) -> Iterator[Connection]:
        """Give a connection that nobody else uses meanwhile."""
        connection = self._take()
        try:
            yield connection
            connection.rollback()
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)

    def close(self) -> None:
        """Give every connection at hand back to the pool."""
        while self._at_hand:
            self._at_hand.pop()[0].close()

    def _take(self) -> Connection:
        try:
            connection, used_at = self._at_hand.pop()
        except IndexError:
            return self._engine.connect()
        if time.monotonic() - used_at < _FRESH_SECONDS:
            return connection
        connection.close()
        return self._take()

    def _give_back(self, connection: Connection) -> None:
        if len(self._at_hand) < self._most:
            self._at_hand.append((connection, time.monotonic()))
        else:
            connection.close()


def overwrite(engine: Engine) -> bool:
    """Let nothing of what was deleted stay in SQLite's write-ahead log.

    False where somebody reads what is in it: then another time. PostgreSQL does so by itself, when
    it vacuums and recycles its log.
    """
    if engine.dialect.name != "sqlite":
        return True
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
