"""The keys of one issuer: fetched when needed, kept for a while, never asked for too often."""

import logging
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from authserver.sdk.errors import FetchError, KeysUnavailable
from authserver.sdk.fetch import TIMEOUT, Document, Fetch, check_url
from authserver.sdk.jwks import VerificationKey, read_key_set

DEFAULT_AGE = 300
MIN_AGE = 60
MAX_AGE = 3600
MAX_STALE = 3600
FETCH_INTERVAL = 10
_DISCOVERY_AGE = 3600
# Two documents may have to be fetched by the thread that is waited for.
_PATIENCE = 2 * TIMEOUT + 1

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Snapshot:
    keys: Mapping[str, VerificationKey]
    fetched_at: float
    fresh_until: float

    def is_fresh(self, now: float) -> bool:
        # A clock that was set back must not prolong anything.
        return self.fetched_at <= now < self.fresh_until

    def is_usable(self, now: float) -> bool:
        return now < self.fresh_until + MAX_STALE


class IssuerKeys:
    """The published keys of one issuer; safe to share between threads.

    Fresh keys are used without a lock. For an unknown key id, or when the keys are no longer
    fresh, one thread fetches while the others go on with what they have, or wait if they have
    nothing. However many tokens arrive, at most one attempt is made in ten seconds. When the issuer
    cannot be reached, old keys are good for one more hour, and after that nothing is.
    """

    def __init__(
        self,
        issuer: str,
        jwks_uri: str | None,
        *,
        fetch: Fetch,
        clock: Callable[[], float],
    ) -> None:
        """Name the issuer, and its key set if it is not to be discovered; ValueError for bad URLs.

        `clock` returns seconds since the epoch.
        """
        self._parts = check_url(issuer)
        if "?" in issuer:
            raise ValueError("an issuer has no query (RFC 8414 section 2)")
        if jwks_uri is not None:
            check_url(jwks_uri)
        self._issuer = issuer
        self._jwks_uri = jwks_uri
        self._discovered: tuple[str, float] | None = None
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshot: _Snapshot | None = None
        self._last_attempt: float | None = None

    def find(self, key_id: str) -> VerificationKey | None:
        """Return the key, or None if the issuer has none such; raise KeysUnavailable."""
        now = self._clock()
        snapshot = self._snapshot
        if snapshot is None or key_id not in snapshot.keys or not snapshot.is_fresh(now):
            snapshot = self._renewed(snapshot, key_id)
            now = self._clock()
        if snapshot is None or not snapshot.is_usable(now):
            raise self._unavailable("no keys that are recent enough")
        key = snapshot.keys.get(key_id)
        if key is None and not snapshot.is_fresh(now):
            # The key may be new: that cannot be told apart from a forgery now.
            raise self._unavailable("key not among the old keys, and new ones cannot be read")
        return key

    def _renewed(self, seen: _Snapshot | None, key_id: str) -> _Snapshot | None:
        """Fetch unless somebody else just did, or it is too soon; return what there is now."""
        can_go_on = seen is not None and key_id in seen.keys and seen.is_usable(self._clock())
        if self._lock.acquire(timeout=0 if can_go_on else _PATIENCE):
            try:
                if self._snapshot is seen and self._wait() <= 0:
                    self._attempt()
            finally:
                self._lock.release()
        return self._snapshot

    def _wait(self) -> float:
        """Return how many seconds must pass before the next attempt."""
        if self._last_attempt is None:
            return 0
        elapsed = self._clock() - self._last_attempt
        return FETCH_INTERVAL - elapsed if elapsed >= 0 else 0

    def _attempt(self) -> None:
        now = self._last_attempt = self._clock()
        try:
            document = self._fetch(self._jwks_uri or self._discover(now))
            keys = read_key_set(document.data)
        except (FetchError, OSError, ValueError) as error:
            # The address itself may be what is wrong: ask for it again the next time.
            self._discovered = None
            _LOG.warning("keys of %s not renewed: %s", self._issuer, error)
            return
        self._snapshot = _Snapshot(keys, now, now + _lifetime(document))

    def _discover(self, now: float) -> str:
        if self._discovered is not None and 0 <= self._discovered[1] - now <= _DISCOVERY_AGE:
            return self._discovered[0]
        metadata = self._fetch(
            f"{self._issuer.rstrip('/')}/.well-known/openid-configuration",
        ).data
        uri = metadata.get("jwks_uri")
        if metadata.get("issuer") != self._issuer:
            # RFC 8414 section 3.3: metadata of another issuer must not be used.
            raise FetchError("the metadata names another issuer")
        if not isinstance(uri, str):
            raise FetchError("the metadata names no jwks_uri")
        if check_url(uri)[:2] != self._parts[:2]:
            # Whoever keeps keys elsewhere says so in the configuration, not in a fetched document.
            raise FetchError("jwks_uri has another origin than the issuer: configure it")
        self._discovered = (uri, now + _DISCOVERY_AGE)
        return uri

    def _unavailable(self, detail: str) -> KeysUnavailable:
        retry_after = max(1, math.ceil(self._wait()))
        return KeysUnavailable(f"{self._issuer}: {detail}", retry_after=retry_after)


def _lifetime(document: Document) -> int:
    age = DEFAULT_AGE if document.max_age is None else document.max_age
    return min(max(age, MIN_AGE), MAX_AGE)
