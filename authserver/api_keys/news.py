"""Tells whoever remembers answers about keys, for seconds at most, that something has ended.

By Redis, where there is one: services that check keys by the SDK listen and forget. Without it they
forget after five seconds. It is said what channel moved and nothing else: no key, nor whose.
"""

from typing import Any, Protocol

from authserver.core import log

CHANNEL = "authserver:api_keys"

_log = log.get(__name__)


class News(Protocol):
    """Says that what was remembered of keys may be over."""

    def tell(self) -> None:
        """Say it; never fails, never waits for long."""


class Silence:
    """Says nothing: there is no Redis."""

    def tell(self) -> None:
        """Do nothing."""


class RedisNews:
    """Publishes on a channel."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401  redis is an extra
        """Take a client with a socket timeout of 50 ms."""
        self._client = client

    def tell(self) -> None:
        """Publish; whatever Redis does, the change stands."""
        try:
            self._client.publish(CHANNEL, b"changed")
        except Exception as error:  # noqa: BLE001  listeners forget by themselves, in seconds
            _log.warning("api_key_news_untold", reason=type(error).__name__)


def make_news(redis_url: str | None) -> News:
    """Return what the settings ask for."""
    if not redis_url:
        return Silence()
    import redis  # noqa: PLC0415  an extra: only where it is configured

    timeout = {"socket_timeout": 0.05, "socket_connect_timeout": 0.05}
    return RedisNews(redis.Redis.from_url(redis_url, **timeout))
