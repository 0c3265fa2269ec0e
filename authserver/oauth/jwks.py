"""GET /oauth/jwks: the public keys (RFC 7517), from memory."""

from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.jose import SigningKey
from authserver.core.web import Answer
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.documents import not_modified, public
from authserver.oauth.lane.request import MachineRequest
from authserver.tokens.calendar import IssuerKeys
from authserver.tokens.keys import JWKS_MAX_AGE


class JwksEndpoint:
    """The published keys of the issuer: next, active and retiring."""

    methods = frozenset({"GET", "HEAD"})
    scripts = False

    def __init__(self, keys: Snapshots[str | None, IssuerKeys], clock: Clock) -> None:
        """Take the keys and the time."""
        self._keys = keys
        self._clock = clock
        self._answers: dict[tuple[SigningKey, ...], Answer] = {}

    def answer(self, request: MachineRequest) -> Answer:
        """Return the JWK set."""
        keys = self._keys.get(request.issuer.tenant_id)
        if keys is None:
            raise OAuthError("temporarily_unavailable", "there are no keys")
        published = keys.at(self._clock.now()).published
        if published not in self._answers:
            document = {"keys": [key.public_jwk for key in published]}
            self._answers[published] = public(document, "application/jwk-set+json", JWKS_MAX_AGE)
        return not_modified(request, self._answers[published])
