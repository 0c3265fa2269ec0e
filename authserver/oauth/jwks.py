"""GET /oauth/jwks: the public keys (RFC 7517), from memory."""

from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.jose import SigningKey
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.documents import PublicDocument, Published, publish
from authserver.tenants.resolve import Issuer
from authserver.tokens.calendar import IssuerKeys
from authserver.tokens.keys import JWKS_MAX_AGE


class JwksEndpoint(PublicDocument):
    """The published keys of the issuer: next, active and retiring."""

    def __init__(self, keys: Snapshots[str | None, IssuerKeys], clock: Clock) -> None:
        """Take the keys and the time."""
        self._keys = keys
        self._clock = clock
        self._published: dict[tuple[SigningKey, ...], Published] = {}

    def of(self, issuer: Issuer) -> Published:
        """Return the JWK set of an issuer."""
        keys = self._keys.get(issuer.tenant_id)
        if keys is None:
            raise OAuthError("temporarily_unavailable", "there are no keys")
        published = keys.at(self._clock.now()).published
        found = self._published.get(published)
        if found is None:
            document = {"keys": [key.public_jwk for key in published]}
            found = publish(document, "application/jwk-set+json", JWKS_MAX_AGE)
            self._published[published] = found
        return found
