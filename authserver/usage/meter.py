"""The meter of a process: counts in memory what happens, for others to write down.

Never in the way: a lock and a dictionary. What a process counted and did not write when it was
killed is lost, at most a minute of it; quotas, which must hold, are counted elsewhere and exactly.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from authserver.core.clock import Clock
from authserver.usage.policy import TOKENS, Refusal, latency

MOST = 100_000  # different counts of a minute; one of a client more is counted for its tenant
_HOUR = 3600


class Key(NamedTuple):
    """What is counted together: whose, in which hour since 1970, and what. "": of no client."""

    tenant_id: str
    client_id: str
    hour: int
    what: str

    @property
    def at(self) -> datetime:
        """Return when the hour began."""
        return datetime.fromtimestamp(self.hour * _HOUR, UTC)


Counts = Mapping[Key, int]


class Meter:
    """Counts. Any thread may."""

    def __init__(self, clock: Clock, *, most: int = MOST) -> None:
        """Take the time."""
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()
        self.wake: Callable[[], None] = lambda: None

    def issued(self, tenant_id: str, client_id: str, seconds: float) -> None:
        """Count a token of a client, and how long the answer took."""
        hour, took = self._hour(), latency(seconds)
        with self._lock:
            self._add(Key(tenant_id, client_id, hour, TOKENS), 1)
            self._add(Key(tenant_id, "", hour, took), 1)

    def refused(self, tenant_id: str, client_id: str, reason: Refusal) -> None:
        """Count a refusal."""
        hour = self._hour()
        with self._lock:
            self._add(Key(tenant_id, client_id, hour, reason.what), 1)

    def happened(self, tenant_id: str, what: str) -> None:
        """Count something of a tenant."""
        hour = self._hour()
        with self._lock:
            self._add(Key(tenant_id, "", hour, what), 1)

    def drain(self) -> Counts:
        """Return what was counted, and begin anew."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return counts

    def put_back(self, counts: Counts) -> None:
        """Count what could not be written once more."""
        with self._lock:
            for key, number in counts.items():
                self._add(key, number)

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // _HOUR

    def _add(self, key: Key, number: int) -> None:
        """Count, with the lock held. There are never many more than `most` different ones."""
        if key not in self._counts and len(self._counts) >= self._most:
            key = key._replace(client_id="")
            self.wake()
        self._counts[key] += number
