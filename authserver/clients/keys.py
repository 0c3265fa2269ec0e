"""The public keys of clients, by which they sign and to which we encrypt.

A client has them registered, or publishes them at its `jwks_uri`. What was read there is kept for
some minutes; a signature by a key that is not in it has the document read again at once, a few
times a minute at most: whoever names the client in a request can cause that.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.clients.jwks import usable_keys
from authserver.clients.registered import RegisteredClient
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.net.fetch import Fetcher, FetchFailed, FetchRefused

FRESH = timedelta(minutes=10)
STALE = timedelta(hours=1)  # while the document cannot be read
_REMEMBERED = 2000
_NONE: Mapping[str, object] = {"keys": []}

_log = log.get(__name__)


@dataclass(frozen=True)
class _Kept:
    document: Mapping[str, object]
    names: frozenset[object]
    read_at: datetime


class ClientKeys:
    """Finds a client's key set."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        """Take what reads documents, no more than a few a minute for each client."""
        self._fetcher = fetcher
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._reading: dict[str, threading.Lock] = {}

    def of(self, client: RegisteredClient, kid: str | None = None) -> Mapping[str, object]:
        """Return the client's key set (RFC 7517 section 5), which may be empty.

        `kid` is the key that is looked for, if it is known by name: where the set does not have it,
        it is read again. May wait for the network.
        """
        url = client.options.jwks_uri
        if url is None:
            return client.jwks or _NONE
        known = self._known(client.id, url, kid)
        if known is not None:
            return known
        # Many ask at once when a client has new keys: one of them reads, the others look again.
        with self._reader(client.id):
            known = self._known(client.id, url, kid)
            return self._read(client.id, url) if known is None else known

    def _reader(self, client_id: str) -> threading.Lock:
        with self._lock:
            if len(self._reading) > _REMEMBERED:
                self._reading.clear()
            return self._reading.setdefault(client_id, threading.Lock())

    def _known(self, client_id: str, url: str, kid: str | None) -> Mapping[str, object] | None:
        kept = self._kept.get((client_id, url))
        if kept is None or self._clock.now() >= kept.read_at + FRESH:
            return None
        return kept.document if kid is None or kid in kept.names else None

    def _read(self, client_id: str, url: str) -> Mapping[str, object]:
        now = self._clock.now()
        try:
            document = usable_keys(self._fetcher.fetch(url, key=client_id).json())
        except (FetchRefused, FetchFailed) as error:
            _log.info("client_keys_not_read", client_id=client_id, reason=error.reason)
            kept = self._kept.get((client_id, url))
            return kept.document if kept and now < kept.read_at + STALE else _NONE
        names = frozenset(key.get("kid") for key in document["keys"])
        with self._lock:
            self._kept.pop((client_id, url), None)
            self._kept[client_id, url] = _Kept(document, names, now)
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return document
