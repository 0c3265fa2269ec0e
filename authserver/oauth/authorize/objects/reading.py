"""Reads request objects: by value, or where the client registered that they stand."""

import hashlib
from typing import Any

from authserver.clients.keys import ClientKeys
from authserver.clients.policy import SIGNING_ALGORITHMS
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.crypto import same
from authserver.core.jose import InvalidToken, read_foreign, unverified_claims, unverified_header
from authserver.core.net.fetch import FetchBusy, Fetcher, FetchFailed, FetchRefused, FetchRequest
from authserver.core.values.base64url import base64url
from authserver.oauth.authorize.objects import claims as rules
from authserver.oauth.authorize.objects.claims import ObjectRefused
from authserver.oauth.authorize.request import Sent
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form

_TYPES = frozenset({"jwt", "oauth-authz-req+jwt"})
_HASH = 43  # characters of a SHA-256 in base64url
# RFC 9101 section 10.3, RFC 7519, and what JOSE libraries call it (RFC 7515 section 9.2.1).
_MEDIA_TYPES = ("application/oauth-authz-req+jwt", "application/jwt", "application/jose")
_FETCH = FetchRequest(media_types=_MEDIA_TYPES)


class RequestObjects:
    """Finds what a request asks for where a signed object says it."""

    def __init__(self, keys: ClientKeys, fetcher: Fetcher, clock: Clock) -> None:
        """Take the keys of clients, what fetches from their hosts, and the time."""
        self._keys = keys
        self._fetcher = fetcher
        self._clock = clock

    def resolve(self, sent: Sent) -> Form:
        """Return the parameters that count: those of the object, else those that came.

        Beside an object nothing counts (RFC 9101 section 6.3). Raises OAuthError; an ObjectRefused
        has what the object says, if that could be read.
        """
        by_value, by_reference = map(sent.parameters.get, ("request", "request_uri"))
        if by_value is not None and by_reference is not None:
            raise OAuthError("invalid_request", "request and request_uri exclude each other")
        if by_reference is not None:
            by_value = self._fetched(sent.client, by_reference)
        if by_value is not None:
            return self._read(sent, by_value)
        if sent.client.options.require_signed_request_object:
            raise OAuthError("invalid_request", "the client signs its requests: request is missing")
        return sent.parameters

    def _read(self, sent: Sent, token: str) -> Form:
        client = sent.client
        try:
            verified = self._verified(client, token)
            now = self._clock.now()
            rules.check(verified, issuer=sent.issuer.url, client_id=client.id, now=now)
            inside = rules.parameters(verified)
            rules.check_agreement(sent.parameters, inside, client_id=client.id)
        except ObjectRefused as refused:
            refused.said = _said(token)
            raise
        return inside

    def _verified(self, client: RegisteredClient, token: str) -> dict[str, Any]:
        try:
            header = unverified_header(token)
            kid = header.get("kid")
            _check_header(header)
            keys = self._keys.of(client, kid if isinstance(kid, str) else None)
            return read_foreign(token, keys, _algorithms(client))
        except InvalidToken as error:
            raise ObjectRefused("it is no JWT that a key of the client signed") from error

    def _fetched(self, client: RegisteredClient, uri: str) -> str:
        """Return what stands at a registered URI. A fragment may be the hash of it (section 6.2).

        Nothing is fetched that the client did not register, and nothing is kept.
        """
        url, _, digest = uri.partition("#")
        registered = {one.partition("#")[0] for one in client.options.request_uris}
        if url not in registered:
            raise OAuthError("invalid_request_uri", "the request_uri is not registered")
        try:
            body = self._fetcher.fetch(url, key=client.tenant.id, request=_FETCH).body
        except FetchBusy as busy:
            said = "the request_uri cannot be asked now"
            raise OAuthError("temporarily_unavailable", said, detail=busy.reason) from busy
        except (FetchRefused, FetchFailed) as failed:
            said = "the request_uri gives no request object"
            raise OAuthError("invalid_request_uri", said, detail=failed.reason) from failed
        hashed = base64url(hashlib.sha256(body).digest())
        if len(digest) == _HASH and not same(hashed, digest.encode()):
            raise OAuthError("invalid_request_uri", "the request object is not the one meant")
        return body.decode("ascii", "replace").strip()


def _check_header(header: dict[str, Any]) -> None:
    if header.get("alg") == "none":
        raise ObjectRefused("it is not signed", error="request_not_supported")
    typ = str(header.get("typ", "jwt")).lower().removeprefix("application/")
    if typ not in _TYPES:
        raise ObjectRefused("its typ is of something else")


def _algorithms(client: RegisteredClient) -> list[str]:
    registered = client.options.request_object_signing_alg
    return [registered] if registered else list(SIGNING_ALGORITHMS)


def _said(token: str) -> Form | None:
    """Return where an object wants its answer, whoever made it: no more than a query says."""
    try:
        return rules.answerable(unverified_claims(token))
    except InvalidToken:
        return None
