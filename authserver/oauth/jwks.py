"""GET /oauth/jwks: the public keys (RFC 7517), from memory."""

import hashlib

import orjson

from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.web import Answer
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.documents import PUBLIC, not_modified
from authserver.oauth.lane.request import MachineRequest
from authserver.tokens.keys import JWKS_MAX_AGE, IssuerKeys

_CACHING = ("Cache-Control", f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}")


class JwksEndpoint:
    """The published keys of the issuer: next, active and retiring."""

    methods = frozenset({"GET", "HEAD"})
    scripts = False

    def __init__(self, keys: Snapshots[str | None, IssuerKeys], clock: Clock) -> None:
        """Take the keys and the time."""
        self._keys = keys
        self._clock = clock
        self._answers: dict[tuple[str, ...], Answer] = {}

    def answer(self, request: MachineRequest) -> Answer:
        """Return the JWK set."""
        keys = self._keys.get(request.issuer.tenant_id)
        if keys is None:
            raise OAuthError("temporarily_unavailable", "there are no keys")
        published = keys.published(self._clock.now())
        name = tuple(key.kid for key in published)
        if name not in self._answers:
            body = orjson.dumps({"keys": [key.public_jwk for key in published]})
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers = (("Content-Type", "application/jwk-set+json"), ("ETag", etag), _CACHING)
            self._answers[name] = Answer(200, body, (*headers, *PUBLIC))
        return not_modified(request, self._answers[name])
