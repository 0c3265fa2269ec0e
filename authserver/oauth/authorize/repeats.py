"""Notices a client whose code_challenge or nonce is the same again and again.

Each is to be made anew for every request (RFC 9700 section 2.1.1): a constant one protects nobody.
Nothing is refused, the trail gets a warning. The counts are in memory, because this path must not
cost a statement: each process counts by itself, and begins anew when it starts. It remembers the
latest values of the latest clients, as hashes.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from authserver.core.ids import fingerprint
from authserver.oauth.authorize.request import AuthorizationRequest

K = TypeVar("K")
V = TypeVar("V")

_CLIENTS = 1_000
_VALUES = 64  # of each client
_SILENCE = timedelta(hours=1)


@dataclass(frozen=True)
class Repeat:
    """A parameter whose value came too often, and how often it came by now."""

    parameter: str
    times: int


@dataclass
class _Seen:
    """What is known of one value of one client."""

    times: int = 0
    told_at: datetime | None = None


class Repeats:
    """Counts values by client. Threads share it."""

    def __init__(self, most: int) -> None:
        """Take how often a value may come before it is told of."""
        self._most = most
        self._clients: OrderedDict[str, OrderedDict[bytes, _Seen]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, client_id: str, request: AuthorizationRequest, now: datetime) -> list[Repeat]:
        """Count an authorization; return what is to be told of, each value once an hour.

        What is returned counts as told: if it cannot be recorded, the next hour tells.
        """
        values = {"code_challenge": request.code_challenge, "nonce": request.nonce}
        hashes = {name: fingerprint(value, name) for name, value in values.items() if value}
        with self._lock:
            recent = _touch(self._clients, client_id, make=OrderedDict, most=_CLIENTS)
            seen = {name: _touch(recent, h, make=_Seen, most=_VALUES) for name, h in hashes.items()}
            return [Repeat(name, one.times) for name, one in seen.items() if self._is_due(one, now)]

    def _is_due(self, seen: _Seen, now: datetime) -> bool:
        seen.times += 1
        silent = seen.told_at is not None and now - seen.told_at < _SILENCE
        if seen.times <= self._most or silent:
            return False
        seen.told_at = now
        return True


def _touch(entries: OrderedDict[K, V], key: K, *, make: Callable[[], V], most: int) -> V:
    """Return the entry, making it if need be, as the newest; the oldest makes room."""
    if key in entries:
        entries.move_to_end(key)
        return entries[key]
    entry = entries[key] = make()
    if len(entries) > most:
        entries.popitem(last=False)
    return entry
