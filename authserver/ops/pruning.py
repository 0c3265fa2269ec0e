"""Rows that are over are deleted, a few at a time: nobody should wait for a long transaction.

A named platform service: what is over is over in every tenant. Any number of processes may prune at
once; a row that another one deleted is gone, and that is all.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, inspect, select, tuple_

from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable

BATCH = 500  # rows of one transaction
_IN_A_ROW = 20  # batches of one kind before mails have their turn
_EVERY = 3600.0  # seconds

_log = log.get(__name__)


@dataclass(frozen=True)
class Kind:
    """Rows of one table, and the condition by which they are over at a moment."""

    name: str
    model: type[Any]
    over: Callable[[datetime], ColumnElement[bool]]


class Pruner:
    """Deletes what is over, in the order of its kinds: rows before those they refer to."""

    def __init__(
        self, database: Database, clock: Clock, kinds: Sequence[Kind], *, batch: int = BATCH
    ) -> None:
        """Take where the rows are, and which are over when."""
        self._database = database
        self._clock = clock
        self._kinds = kinds
        self._batch = batch
        self._due_at = time.monotonic()

    def count(self) -> Mapping[str, int]:
        """Return how many rows of each kind are over now. What refers to others comes first."""
        now = self._clock.now()
        with self._database.read() as view:
            return {
                kind.name: view.platform().scalar(
                    select(func.count()).select_from(kind.model).where(kind.over(now))
                )
                or 0
                for kind in self._kinds
            }

    def prune(self, most: int | None = None) -> Mapping[str, int]:
        """Delete what is over, at most so many batches of a kind; return how many rows went."""
        return {kind.name: self._prune(kind, most) for kind in self._kinds}

    def tick(self) -> None:
        """Prune once an hour, for who calls often. What is left goes at the next call."""
        if time.monotonic() < self._due_at:
            return
        try:
            gone = self.prune(_IN_A_ROW)
        except Unavailable as down:
            _log.warning("pruning_waits", reason=down.detail)
            return
        if any(gone.values()):
            _log.info("pruned", **{name: rows for name, rows in gone.items() if rows})
        if max(gone.values(), default=0) < _IN_A_ROW * self._batch:
            self._due_at = time.monotonic() + _EVERY

    def _prune(self, kind: Kind, most: int | None) -> int:
        gone, batches = 0, 0
        while most is None or batches < most:
            went = self._database.write(lambda transaction: self._some(transaction, kind))
            gone, batches = gone + went, batches + 1
            if not went:
                break
        return gone

    def _some(self, transaction: Transaction, kind: Kind) -> int:
        keys = inspect(kind.model).primary_key
        key = keys[0] if len(keys) == 1 else tuple_(*keys)
        some = select(*keys).where(kind.over(self._clock.now())).limit(self._batch)
        over = delete(kind.model).where(key.in_(some))
        result: Any = transaction.platform().execute(
            over.execution_options(synchronize_session=False)
        )
        return int(result.rowcount)
