"""The meter of a process: counts in memory what happens, for others to write down.

Never in the way: a lock and a dictionary. What a process counted and did not write when it was
killed is lost, at most a minute of it; quotas, which must hold, are counted elsewhere and exactly.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from authserver.core.clock import Clock
from authserver.usage.policy import Refusal, latency

MOST = 100_000  # different counts of a minute; one of a client more is counted for its tenant
_HOUR = 3600


class Key(NamedTuple):
    """What is counted together: whose, in which hour since 1970, and what. "": of no client.

    A response time is a token's: it counts as one, too.
    """

    tenant_id: str
    client_id: str
    hour: int
    what: str

    @property
    def at(self) -> datetime:
        """Return when the hour began."""
        return datetime.fromtimestamp(self.hour * _HOUR, UTC)


Counts = Mapping[Key, int]
_Raw = tuple[str, str, int, str]  # a Key; making one at each token would cost more than counting


class Meter:
    """Counts. Any thread may."""

    def __init__(self, clock: Clock, *, most: int = MOST) -> None:
        """Take the time."""
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._counts: dict[_Raw, int] = {}
        self.wake: Callable[[], None] = lambda: None

    def issued(self, tenant_id: str, client_id: str, seconds: float) -> None:
        """Count a token of a client, and how long the answer took."""
        self._count((tenant_id, client_id, self._hour(), latency(seconds)))

    def refused(self, tenant_id: str, client_id: str, reason: Refusal) -> None:
        """Count a refusal."""
        self._count((tenant_id, client_id, self._hour(), reason.what))

    def happened(self, tenant_id: str, what: str) -> None:
        """Count something of a tenant."""
        self._count((tenant_id, "", self._hour(), what))

    def drain(self) -> Counts:
        """Return what was counted, and begin anew."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return {Key._make(key): number for key, number in counts.items()}

    def put_back(self, counts: Counts) -> None:
        """Count what could not be written once more."""
        for key, number in counts.items():
            self._count(key, number)

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // _HOUR

    def _count(self, key: _Raw, number: int = 1) -> None:
        """Count. There are never many more than `most` different ones."""
        with self._lock:
            counts = self._counts
            if key not in counts and len(counts) >= self._most:
                key = (key[0], "", *key[2:])
                self.wake()
            counts[key] = counts.get(key, 0) + number
