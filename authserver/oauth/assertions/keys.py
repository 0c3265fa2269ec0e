"""The key sets of trusted issuers: registered, or read where they are published."""

from collections.abc import Mapping

from authserver.core.clock import Clock
from authserver.core.net.breaker import Breakers
from authserver.core.net.fetch import Fetcher
from authserver.federation.connectors.base import UpstreamDown
from authserver.federation.connectors.documents import Documents
from authserver.federation.connectors.line import Line
from authserver.oauth.assertions.values import Trusted
from authserver.oauth.errors import OAuthError


class IssuerKeySets:
    """Finds them. An unknown key has the document read again, once a minute at most (TOP-08)."""

    def __init__(self, clock: Clock, fetcher: Fetcher) -> None:
        """Take what asks for documents; copies are kept here, per process."""
        self._fetcher = fetcher
        self._documents, self._breakers = Documents(clock), Breakers(clock)

    def of(self, trusted: Trusted, kid: object) -> Mapping[str, object]:
        """Return an issuer's key set. May wait for the network; raises temporarily_unavailable."""
        if trusted.jwks_uri is None:
            return trusted.jwks or {"keys": []}
        line = Line(trusted.id, self._fetcher, self._breakers)
        try:
            known = self._documents.read(line, trusted.jwks_uri)
            if isinstance(kid, str) and kid not in _names(known):
                known = self._documents.read_again(line, trusted.jwks_uri)
        except UpstreamDown as error:
            raise OAuthError(
                "temporarily_unavailable",
                "the issuer's keys cannot be read now",
                detail=f"assertion: {error}",
            ) from error
        return known


def _names(document: Mapping[str, object]) -> set[object]:
    keys = document.get("keys")
    found = keys if isinstance(keys, list) else []
    return {key.get("kid") for key in found if isinstance(key, dict)}
