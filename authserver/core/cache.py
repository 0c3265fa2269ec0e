"""Frozen snapshots of rows that are read at every request and change seldom.

Thrown away when the installation's version counter moved: the counter is read at most once a
second, and at once in the process that made the change. What must hold for the very next request
(security epochs) is part of the statement that runs anyway, never of a snapshot alone.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_MISSES_ARE_FORGOTTEN_ABOVE = 10_000


class Watch:
    """Tells the caches when something changed anywhere."""

    def __init__(
        self, read_version: Callable[[], int], now: Callable[[], float] = time.monotonic
    ) -> None:
        """Take what reads the counter, and the clock."""
        self._read = read_version
        self._now = now
        self._due = 0.0
        self._version = -1
        self.generation = 0
        self._lock = threading.Lock()

    def check(self) -> int:
        """Return the present generation, reading the counter when a second has passed."""
        if self._now() >= self._due:
            with self._lock:
                if self._now() >= self._due:
                    self._look()
        return self.generation

    def changed(self) -> None:
        """Forget everything now: this process made a change."""
        self.generation += 1
        self._due = 0.0

    def _look(self) -> None:
        version = self._read()
        if version != self._version:
            self._version = version
            self.generation += 1
        self._due = self._now() + 1


class Snapshots(Generic[K, V]):
    """Values by key, loaded once a generation. A missing value is remembered too, boundedly."""

    def __init__(self, watch: Watch, load: Callable[[K], V | None]) -> None:
        """Take the watch and what loads a value from the database."""
        self._watch = watch
        self._load = load
        self._values: dict[K, V | None] = {}
        self._generation = -1

    def get(self, key: K) -> V | None:
        """Return the snapshot, or None where there is no such row."""
        generation = self._watch.check()
        if generation != self._generation or len(self._values) > _MISSES_ARE_FORGOTTEN_ABOVE:
            self._values, self._generation = {}, generation
        values = self._values
        if key not in values:
            values[key] = self._load(key)
        return values[key]

    def renew(self, key: K) -> V | None:
        """Read one value again: a statement met a newer version of its row."""
        self._values.pop(key, None)
        return self.get(key)
