"""Connections for reading: a few are kept at hand, because fetching one costs a look-up."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

_AT_HAND = 8
# Longer unused it goes back to the pool, which tests it before it is used again.
_FRESH_SECONDS = 1.0


class Readers:
    """Lends connections in autocommit mode."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose connections commit by themselves."""
        self._engine = engine
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
        if len(self._at_hand) < _AT_HAND:
            self._at_hand.append((connection, time.monotonic()))
        else:
            connection.close()
