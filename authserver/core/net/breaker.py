"""A circuit breaker: who is down is not asked again at once, so that nobody waits for them.

After some failures in a row it opens, and everybody is told at once. A while later one request may
try; what comes of it closes the circuit or opens it anew. Kept in memory, per process: its loss
costs a few slow requests.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from authserver.core.clock import Clock

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """How many failures in a row open it, and after which time one request may try."""

    failures: int = 3
    rest: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Circuit:
    """How it stands with one far side. `resting_since` is None while the circuit is closed."""

    failures: int = 0
    resting_since: datetime | None = None

    def rests(self, now: datetime, rules: BreakerRules) -> bool:
        """Tell whether nobody may ask yet."""
        return self.resting_since is not None and now < self.resting_since + rules.rest


CLOSED = Circuit()


def after_entering(circuit: Circuit, now: datetime) -> Circuit:
    """Return the circuit with a request under way: of an open one, the only one for a while.

    So that a request that never reports keeps nobody out for longer than its failure would.
    """
    return circuit if circuit.resting_since is None else replace(circuit, resting_since=now)


def after_failure(circuit: Circuit, now: datetime, rules: BreakerRules) -> Circuit:
    """Return the circuit with one more failure in a row."""
    failures = circuit.failures + 1
    return Circuit(failures, now if failures >= rules.failures else None)


class Breakers:
    """A circuit for each far side, by its key."""

    def __init__(self, clock: Clock, rules: BreakerRules | None = None) -> None:
        """Take the clock by which circuits rest."""
        self._clock, self._rules = clock, rules or BreakerRules()
        self._lock = threading.Lock()
        self._circuits: OrderedDict[str, Circuit] = OrderedDict()

    def is_open(self, key: str) -> bool:
        """Tell whether a request would be refused now."""
        with self._lock:
            return self._circuits.get(key, CLOSED).rests(self._clock.now(), self._rules)

    def enter(self, key: str) -> bool:
        """Tell whether a request may be made; who makes it says how it went."""
        now = self._clock.now()
        with self._lock:
            circuit = self._circuits.get(key, CLOSED)
            if circuit.rests(now, self._rules):
                return False
            if circuit is not CLOSED:
                self._circuits[key] = after_entering(circuit, now)
            return True

    def succeeded(self, key: str) -> None:
        """Close the circuit: the far side answers."""
        with self._lock:
            self._circuits.pop(key, None)

    def failed(self, key: str) -> None:
        """Count a failure."""
        now = self._clock.now()
        with self._lock:
            circuit = self._circuits.pop(key, CLOSED)
            self._circuits[key] = after_failure(circuit, now, self._rules)
            if len(self._circuits) > _REMEMBERED:
                self._circuits.popitem(last=False)
