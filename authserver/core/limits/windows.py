"""Fixed windows for Flask-Limiter: in the process, or shared through Redis.

The storage that comes with the library for one process starts a thread at each request, which two
requests at once can make fail, and has no bound. As with buckets, a Redis that does not answer
makes a limit looser by the number of processes, never absent.
"""

import threading
import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from limits.storage import RedisStorage, Storage

_LOCAL = "windows"
_SHARED = "windows+"
_KINDS = ("redis", "rediss", "redis+unix")
_REDIS_SECONDS = 0.05
# Before a Redis that failed is asked again: each question may cost a request that long.
_PAUSE_SECONDS = 1.0
_MAX_WINDOWS = 100_000


class _Window(NamedTuple):
    counted: int
    ends_at: float


class LocalWindows(Storage):
    """Windows in this process; of too many those go that end first."""

    STORAGE_SCHEME: ClassVar = [_LOCAL]  # type: ignore[misc]  # as the library finds it

    def __init__(self, uri: str | None = None, *, now: Callable[[], float] = time.time) -> None:
        """Take the clock; tests move it."""
        super().__init__(uri)
        self._now = now
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = {}

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Return what the library is to expect of counting here: nothing."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in the window of a key, which lasts `expiry` seconds; return what it has now."""
        now = self._now()
        with self._lock:
            present = self._windows.get(key)
            if present is None or present.ends_at <= now:
                self._make_room(now)
                present = _Window(0, now + expiry)
            present = _Window(present.counted + amount, present.ends_at)
            self._windows[key] = present
        return present.counted

    def get(self, key: str) -> int:
        """Return what a window has, 0 where there is none."""
        window = self._windows.get(key)
        return window.counted if window and window.ends_at > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a window ends, in seconds since the epoch."""
        window = self._windows.get(key)
        return window.ends_at if window else self._now()

    def check(self) -> bool:
        """Tell that it works."""
        return True

    def reset(self) -> int:
        """Forget every window; return how many there were."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget a window."""
        with self._lock:
            self._windows.pop(key, None)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < _MAX_WINDOWS:
            return
        self._windows = {key: one for key, one in self._windows.items() if one.ends_at > now}
        if len(self._windows) < _MAX_WINDOWS:
            return
        by_end = sorted(self._windows, key=lambda key: self._windows[key].ends_at)
        for key in by_end[: _MAX_WINDOWS // 10]:
            del self._windows[key]


class SharedWindows(LocalWindows):
    """Windows in Redis. While it does not answer, the ones in this process count."""

    STORAGE_SCHEME: ClassVar = [_SHARED + kind for kind in _KINDS]  # type: ignore[misc]

    def __init__(self, uri: str, *, now: Callable[[], float] = time.time) -> None:
        """Take Redis' URL behind `windows+`."""
        super().__init__(uri, now=now)
        self._redis = RedisStorage(
            uri[len(_SHARED) :],
            socket_timeout=_REDIS_SECONDS,
            socket_connect_timeout=_REDIS_SECONDS,
        )
        self._ask_again_at = 0.0

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in the window that all processes share."""
        if self._now() >= self._ask_again_at:
            try:
                return self._redis.incr(key, expiry, amount)
            except Exception:  # noqa: BLE001  whatever Redis does, the limit stays
                self._ask_again_at = self._now() + _PAUSE_SECONDS
        return super().incr(key, expiry, amount)


def storage_uri(redis_url: str | None) -> str:
    """Return what Flask-Limiter takes for the settings."""
    return f"{_SHARED}{redis_url}" if redis_url else f"{_LOCAL}://"
