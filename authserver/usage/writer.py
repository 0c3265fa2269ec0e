"""Writes down what a process counted, every twenty seconds and when it ends.

One in every process that counts: nobody else has its counts. What cannot be written stays in the
meter for the next time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from authserver.core import log
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside
from authserver.usage import statements
from authserver.usage.meter import Counts, Key, Meter
from authserver.usage.policy import TOKENS, Grain, is_latency

_EVERY = 20.0  # seconds
_AT_ONCE = 100  # counts of one transaction: nobody should wait for it

_log = log.get(__name__)


class _Whose(IntEnum):
    CLIENT, TENANT, PLATFORM = range(3)


class _Row(NamedTuple):
    """One figure to add to, in an order that all processes share: none waits for another twice."""

    whose: _Whose
    tenant_id: str
    client_id: str
    grain: Grain
    at: datetime
    what: str


class UsageWriter(Beside):
    """Adds what the meter has to the figures."""

    name = "usage"
    patience = 10.0

    def __init__(self, meter: Meter, database: Database) -> None:
        """Take the meter, and where figures are."""
        super().__init__()
        self._meter = meter
        self._database = database
        meter.wake = self.wake

    def run(self) -> None:
        """Write until `end` is called, and then what is left."""
        while not self._stopping:
            self._bell.wait(_EVERY)
            self._bell.clear()
            self._write()

    def _write(self) -> None:
        # Whatever goes wrong, what was counted stays and is tried again.
        try:
            self.flush()
        except Unavailable as down:
            _log.warning("usage_waits", reason=down.detail)
        except Exception:  # noqa: BLE001  the thread is all there is
            _log.exception("usage_not_written")

    def flush(self) -> None:
        """Write what was counted until now. What could not be written is counted still."""
        some = _parts(self._meter.drain())
        for place, part in enumerate(some):
            try:
                self._database.write(lambda transaction, part=part: _add(transaction, part))  # type: ignore[misc]  # bound now
            except BaseException:
                for left in some[place:]:
                    self._meter.put_back(left)
                raise


def _parts(counts: Counts) -> list[Counts]:
    keys = sorted(counts)
    starts = range(0, len(keys), _AT_ONCE)
    return [{key: counts[key] for key in keys[start : start + _AT_ONCE]} for start in starts]


def _add(transaction: Transaction, counts: Counts) -> None:
    numbers: Counter[_Row] = Counter()
    for key, number in counts.items():
        for row in _rows(key):
            numbers[row] += number
    for row in sorted(numbers):
        when = {"grain": row.grain.value, "at": row.at, "what": row.what, "number": numbers[row]}
        _add_to(transaction, row, when)


def _add_to(transaction: Transaction, row: _Row, when: Mapping[str, object]) -> None:
    tenant = {"tenant_id": row.tenant_id, **when}
    if row.whose is _Whose.CLIENT:
        transaction.change(statements.ADD_TO_CLIENT, {"client_id": row.client_id, **tenant})
    elif row.whose is _Whose.TENANT:
        transaction.change(statements.ADD_TO_TENANT, tenant)
    else:
        transaction.change(statements.ADD_TO_PLATFORM, when)


def _rows(key: Key) -> Iterator[_Row]:
    """Give every figure that a count is part of: by hour and day, its client's and those above."""
    timed = is_latency(key.what)
    counted = TOKENS if timed else key.what
    for grain in Grain:
        at = grain.of(key.at)
        if key.client_id:
            yield _Row(_Whose.CLIENT, key.tenant_id, key.client_id, grain, at, counted)
        for what in (TOKENS, key.what) if timed else (key.what,):
            yield _Row(_Whose.TENANT, key.tenant_id, "", grain, at, what)
            yield _Row(_Whose.PLATFORM, "", "", grain, at, what)
