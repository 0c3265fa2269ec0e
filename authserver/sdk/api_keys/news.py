"""Listening to the issuer's Redis: when keys end, what is remembered of them is forgotten."""

import logging
import threading
from typing import Protocol

CHANNEL = "authserver:api_keys"
_PATIENCE = 1.0  # seconds: how long a stop waits at most, and the pause after a failure

_LOG = logging.getLogger(__name__)


class Forgetful(Protocol):
    """What remembers answers."""

    def forget(self) -> None:
        """Forget them."""


class Listener:
    """Listens in a thread of its own. Without a connection answers grow old by themselves."""

    def __init__(self, redis_url: str, forgetful: Forgetful) -> None:
        """Take the issuer's Redis, and who is to forget. Needs the package `redis`."""
        import redis  # noqa: PLC0415  an extra: only for who listens

        self._client = redis.Redis.from_url(redis_url, socket_connect_timeout=_PATIENCE)
        self._forgetful = forgetful
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="api-key-news", daemon=True)
        self.listening = threading.Event()

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join(3 * _PATIENCE)
        self._client.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                self._hear()
            except Exception as error:  # noqa: BLE001  whatever Redis does, five seconds are the most
                _LOG.warning("no news of API keys for now: %s", type(error).__name__)
                self._over.wait(_PATIENCE)
            finally:
                self.listening.clear()
                self._forgetful.forget()

    def _hear(self) -> None:
        with self._client.pubsub() as channel:  # type: ignore[no-untyped-call]  # redis has none
            channel.subscribe(CHANNEL)
            while not self._over.is_set():
                message = channel.get_message(timeout=_PATIENCE)
                if message is not None:
                    # Of a new subscription, too: nobody knows what was said before.
                    self._forgetful.forget()
                    self.listening.set()
