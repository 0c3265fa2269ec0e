"""Verification of access tokens as RFC 9068 section 4 asks, with no web framework in sight."""

import time
from collections.abc import Callable, Collection, Mapping

from authserver.sdk.claims import AccessToken, Rules, confirmed_key, read_access_token
from authserver.sdk.compact import parse
from authserver.sdk.dpop import FirstUse, SeenProofs, Shown, check_proof
from authserver.sdk.errors import (
    ExpiredToken,
    InvalidProof,
    InvalidToken,
    KeysUnavailable,
    TooManyProofs,
    refused,
    shown,
)
from authserver.sdk.fetch import Document, Fetch, fetch_json
from authserver.sdk.jwks import ALGORITHMS
from authserver.sdk.keys import IssuerKeys

__all__ = [
    "AccessToken",
    "Document",
    "ExpiredToken",
    "InvalidProof",
    "InvalidToken",
    "KeysUnavailable",
    "Shown",
    "TokenVerifier",
    "TooManyProofs",
    "fetch_json",
]

DEFAULT_LEEWAY = 30
MAX_LEEWAY = 300
MAX_LIFETIME = 24 * 3600


class TokenVerifier:
    """Decides whether an access token is one of ours, for us, and good now.

    Safe to share between threads: make one for each process and keep it.
    """

    def __init__(  # noqa: PLR0913 - all by keyword, and each one a decision of the operator
        self,
        *,
        issuer: str | Mapping[str, str | None],
        audience: str | Collection[str],
        algorithms: Collection[str] = tuple(ALGORITHMS),
        leeway: int = DEFAULT_LEEWAY,
        max_lifetime: int = MAX_LIFETIME,
        fetch: Fetch = fetch_json,
        clock: Callable[[], float] = time.time,
        first_use: FirstUse | None = None,
    ) -> None:
        """Name whom to trust and who we are; raise ValueError for what would not be safe.

        `issuer` is one issuer, or several as a mapping to the URL of their key set (None: ask the
        issuer's metadata). `audience` is the name, or the names, of this API. `leeway` (for clocks
        that differ) and `max_lifetime` (of any token) are seconds; `clock` returns seconds since
        the epoch; `fetch` returns the JSON document at a URL or raises FetchError.
        `first_use` is told the name of each proof and until when it would be good, and says whether
        it is new; without it this process remembers. Give one where several processes serve.
        """
        issuers = {issuer: None} if isinstance(issuer, str) else dict(issuer)
        audiences = frozenset([audience] if isinstance(audience, str) else audience)
        if not issuers or not audiences or "" in audiences:
            raise ValueError("name an issuer and an audience")
        if isinstance(algorithms, str) or not algorithms or not ALGORITHMS.keys() >= {*algorithms}:
            raise ValueError(f"algorithms must be some of {', '.join(ALGORITHMS)}")
        if not 0 <= leeway <= MAX_LEEWAY or max_lifetime <= 0:
            raise ValueError(f"leeway is 0 to {MAX_LEEWAY} seconds, max_lifetime more than 0")
        self._algorithms = frozenset(algorithms)
        self._rules = Rules(audiences, leeway, max_lifetime)
        self._clock = clock
        self._first_use = first_use or SeenProofs(clock)
        self._keys = {
            name: IssuerKeys(name, jwks_uri, fetch=fetch, clock=clock)
            for name, jwks_uri in issuers.items()
        }

    def now(self) -> float:
        """Return the time by which tokens are judged, in seconds since the epoch."""
        return self._clock()

    def verify(
        self, token: str, given: Shown | None = None, *, certificate: bytes | None = None
    ) -> AccessToken:
        """Return what the token says; raise InvalidToken, or KeysUnavailable if nobody can tell.

        `given` is the proof that came with a token of the type DPoP: such a token is refused
        without one, and every other with one. Then InvalidProof and TooManyProofs may be raised.
        `certificate` is the one that the client showed to whoever ended TLS, in DER: a token that
        is bound to one is refused without it.
        """
        unverified = parse(token)
        if unverified.algorithm not in self._algorithms:
            raise refused(f"alg is {shown(unverified.algorithm)}")
        issuer = unverified.claims.get("iss")
        # The issuer chooses the key set: a key of one never vouches for the token of another.
        keys = self._keys.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise refused(f"iss is {shown(issuer)}")
        key = keys.find(unverified.key_id)
        if key is None:
            raise refused(f"kid is {shown(unverified.key_id)}")
        if key.algorithm != unverified.algorithm or not key.verifies(token):
            raise refused("signature does not verify with the key it names")
        now = self._clock()
        thumbprint = confirmed_key(
            unverified.claims, proved=given is not None, certificate=certificate
        )
        read = read_access_token(unverified.claims, self._rules, now)
        if given is not None:
            check_proof(given, token, thumbprint, now=now, first_use=self._first_use)
        return read
