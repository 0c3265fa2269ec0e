"""Token buckets for volumetric limits: in the process, or shared through Redis.

Never the truth about security: counters that must hold live in SQL. When Redis does not answer
within 50 ms the local bucket takes over, so a limit becomes looser by the number of processes but
never disappears.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

_MAX_BUCKETS = 100_000
# Before a Redis that failed is asked again: each question may cost a request 50 ms.
_PAUSE_SECONDS = 1.0


class Rate(NamedTuple):
    """So many requests in a window of so many seconds."""

    limit: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read `60/minute`. Raises ValueError."""
        amount, _, unit = text.partition("/")
        seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}.get(unit)
        if seconds is None or not amount.isascii() or not amount.isdigit() or int(amount) < 1:
            raise ValueError(f"{text!r} is not a rate such as 60/minute")
        return cls(int(amount), seconds)

    def is_within(self, other: "Rate") -> bool:
        """Tell whether it never lets through what another rate would not: at once, and for long."""
        slower = self.limit * other.seconds <= other.limit * self.seconds
        return slower and self.limit <= other.limit


class Verdict(NamedTuple):
    """The answer of a bucket: allowed or not, what is left, and seconds until it is full again.

    `name` is what it is called where several limits hold at once.
    """

    allowed: bool
    limit: int
    remaining: int
    reset: int
    retry_after: int
    window: int
    name: str = "default"

    def headers(self) -> dict[str, str]:
        """Return RateLimit fields (draft-ietf-httpapi-ratelimit-headers) and Retry-After."""
        return told((self,))


def told(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Return the RateLimit fields of all limits that hold, and when to come back if one is over."""
    if not verdicts:
        return {}
    fields = {
        "RateLimit-Policy": ", ".join(f'"{v.name}";q={v.limit};w={v.window}' for v in verdicts),
        "RateLimit": ", ".join(f'"{v.name}";r={v.remaining};t={v.reset}' for v in verdicts),
    }
    over = [verdict.retry_after for verdict in verdicts if not verdict.allowed]
    return {**fields, "Retry-After": str(max(over))} if over else fields


class Limiter(Protocol):
    """Takes one token from the bucket of a key."""

    def take(self, key: str, rate: Rate) -> Verdict:
        """Return whether the request may go on."""


class LocalLimiter:
    """Buckets in this process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Take the clock; tests move it."""
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, Rate], tuple[float, float]] = {}

    def take(self, key: str, rate: Rate) -> Verdict:
        """Take one token; the bucket refills evenly."""
        now = self._now()
        with self._lock:
            tokens, then = self._buckets.get((key, rate), (float(rate.limit), now))
            tokens = min(rate.limit, tokens + (now - then) * rate.limit / rate.seconds)
            allowed = tokens >= 1
            tokens -= allowed
            self._make_room(now)
            self._buckets[key, rate] = (tokens, now)
        return _verdict(rate, tokens, allowed=allowed)

    def _make_room(self, now: float) -> None:
        """Forget full buckets when there are too many: they are as good as new."""
        if len(self._buckets) < _MAX_BUCKETS:
            return
        full = [k for k, (_, then) in self._buckets.items() if now - then > k[1].seconds]
        for key in full or list(self._buckets)[: _MAX_BUCKETS // 10]:
            del self._buckets[key]


_TAKE = """
local bucket = redis.call('HMGET', KEYS[1], 't', 'at')
local limit, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local tokens = tonumber(bucket[1]) or limit
tokens = math.min(limit, tokens + (now - (tonumber(bucket[2]) or now)) * limit / seconds)
local allowed = tokens >= 1 and 1 or 0
tokens = tokens - allowed
redis.call('HSET', KEYS[1], 't', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], seconds + 1)
return {allowed, tostring(tokens)}
"""


class RedisLimiter:
    """Buckets shared by every process, with the local ones as the fallback."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401  redis is an extra
        fallback: Limiter,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a client with a socket timeout of 50 ms, and the clock; tests move it."""
        self._take = client.register_script(_TAKE)
        self._fallback = fallback
        self._now = now
        self._ask_again_at = 0.0

    def take(self, key: str, rate: Rate) -> Verdict:
        """Take one token with one script call."""
        if self._now() < self._ask_again_at:
            return self._fallback.take(key, rate)
        name = f"authserver:bucket:{rate.limit}/{rate.seconds}:{key}"
        try:
            allowed, tokens = self._take(keys=[name], args=[rate.limit, rate.seconds])
        except Exception:  # noqa: BLE001  whatever Redis does, the limit stays
            self._ask_again_at = self._now() + _PAUSE_SECONDS
            return self._fallback.take(key, rate)
        return _verdict(rate, float(tokens), allowed=bool(allowed))


def make_limiter(redis_url: str | None) -> Limiter:
    """Return the limiter that the settings ask for."""
    local = LocalLimiter()
    if not redis_url:
        return local
    import redis  # noqa: PLC0415  an extra: only where it is configured

    timeout = {"socket_timeout": 0.05, "socket_connect_timeout": 0.05}
    return RedisLimiter(redis.Redis.from_url(redis_url, **timeout), local)


def _verdict(rate: Rate, tokens: float, *, allowed: bool) -> Verdict:
    per_token = rate.seconds / rate.limit
    return Verdict(
        allowed=allowed,
        limit=rate.limit,
        remaining=int(tokens),
        reset=int((rate.limit - tokens) * per_token + 0.999),
        retry_after=max(1, int((1 - tokens) * per_token + 0.999)),
        window=rate.seconds,
    )
