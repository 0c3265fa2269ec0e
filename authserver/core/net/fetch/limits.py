"""How often documents are read: bounds per key, so that one tenant cannot make this server a tool.

The state is volumetric and lives in memory, per process: its loss costs nothing but a request.
"""

import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authserver.core.clock import Clock
from authserver.core.net.fetch.rules import (
    DEFAULT_RULES,
    NO_TEST,
    READ,
    FetchBusy,
    FetchedDocument,
    FetchFailed,
    FetchRefused,
    FetchRequest,
    FetchRules,
    ForTestsOnly,
    check_url,
)
from authserver.core.net.fetch.transport import safe_fetch

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Requests per key: at once and per minute; all keys: at once; seconds a failure is kept."""

    in_flight: int = 4
    per_minute: int = 30
    in_flight_of_all: int = 32
    negative_seconds: int = 60
    remembered: int = 2048


class Fetcher:
    """`safe_fetch` with a memory: counts each key's requests and does not repeat a failure."""

    def __init__(
        self,
        clock: Clock,
        *,
        rules: FetchRules = DEFAULT_RULES,
        limits: FetchLimits | None = None,
        for_tests_only: ForTestsOnly = NO_TEST,
    ) -> None:
        """Take the clock by which minutes and remembered failures are counted."""
        self._clock, self._rules, self._for_tests_only = clock, rules, for_tests_only
        self._limits = limits or FetchLimits()
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}
        self._recent: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._failures: OrderedDict[tuple[str, str], tuple[datetime, str]] = OrderedDict()

    def fetch(self, url: str, *, key: str, request: FetchRequest = READ) -> FetchedDocument:
        """Return what is answered at `url`, counted against `key`, of a tenant or a connection.

        Raises FetchRefused (FetchBusy when a limit is met) or FetchFailed (also from memory).
        """
        check_url(url, self._rules)
        with self._lock:
            if request.is_public:
                self._recall(key, url)
            self._enter(key)
        try:
            return safe_fetch(
                url,
                request=request,
                rules=self._rules,
                on_end=lambda: self._leave(key),
                for_tests_only=self._for_tests_only,
            )
        except (FetchRefused, FetchFailed) as error:
            if request.is_public:
                self._remember(key, url, error.reason)
            raise

    def _recall(self, key: str, url: str) -> None:
        until, reason = self._failures.get((key, url), (None, ""))
        if until is not None and self._clock.now() < until:
            raise FetchFailed(f"failed a moment ago: {reason}")

    def _remember(self, key: str, url: str, reason: str) -> None:
        until = self._clock.now() + timedelta(seconds=self._limits.negative_seconds)
        with self._lock:
            self._failures.pop((key, url), None)
            self._failures[key, url] = (until, reason)
            _forget_oldest(self._failures, self._limits.remembered)

    def _enter(self, key: str) -> None:
        """Count the request, or refuse it. The caller holds the lock."""
        limits, now = self._limits, self._clock.now()
        if sum(self._running.values()) >= limits.in_flight_of_all:
            raise FetchBusy("too many requests are running")
        if self._running.get(key, 0) >= limits.in_flight:
            raise FetchBusy("too many requests of this tenant are running")
        recent = self._recent.pop(key, deque())
        while recent and now - recent[0] >= _MINUTE:
            recent.popleft()
        self._recent[key] = recent
        if len(recent) >= limits.per_minute:
            raise FetchBusy("too many requests of this tenant within a minute")
        recent.append(now)
        _forget_oldest(self._recent, limits.remembered)
        self._running[key] = self._running.get(key, 0) + 1

    def _leave(self, key: str) -> None:
        with self._lock:
            left = self._running.pop(key) - 1
            if left:
                self._running[key] = left


def _forget_oldest(kept: OrderedDict[Any, Any], size: int) -> None:
    while len(kept) > size:
        kept.popitem(last=False)
