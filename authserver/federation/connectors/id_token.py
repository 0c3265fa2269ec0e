"""ID tokens: who signed them, and whether they are for us, now, and for this sign-in.

OpenID Connect Core section 3.1.3.7, under an allow-list of algorithms (RFC 8725): no header chooses
a key or an algorithm that the provider does not publish.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from authserver.core.clock import epoch
from authserver.core.jose import InvalidToken, half_hash, read_foreign, unverified_header
from authserver.federation.connectors.base import UpstreamRefused

Claims = Mapping[str, object]

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
TOLERANCE = 60  # seconds by which clocks may differ
ANEW = 300  # seconds within which somebody has proved it anew
_MAX_SUBJECT = 255
_TYPE = (
    "JWT"  # others are access tokens, logout tokens, ... of the same keys (RFC 8725 section 3.11)
)
_RSA = {"RS256", "PS256"}
_KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
_SHORTEST_MODULUS = 2048 * 4 // 3 // 8  # base64url characters of 2048 bits, at the least


@dataclass(frozen=True)
class Expected:
    """What the ID token of this sign-in must hold."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    anew: bool


class UnknownKey(Exception):  # noqa: N818  an outcome
    """No published key can have signed it: they may have been rotated."""


def verified(
    token: str, jwks: Mapping[str, object], offered: Iterable[str]
) -> tuple[str, Mapping[str, object], Claims]:
    """Return the algorithm and the key that signed a token, and its claims.

    `offered` are the algorithms that the provider says it uses. Raises UnknownKey, UpstreamRefused.
    """
    try:
        header = unverified_header(token)
        alg = header.get("alg")
        if alg not in ALGORITHMS or alg not in set(offered):
            raise UpstreamRefused("the algorithm is not one that is accepted of it")
        if str(header.get("typ", _TYPE)).upper() != _TYPE:
            raise UpstreamRefused("it is another kind of token")
        key = _key(jwks, str(alg), header.get("kid"))
        return str(alg), key, read_foreign(token, {"keys": [key]}, [str(alg)])
    except InvalidToken as error:
        raise UpstreamRefused(f"the ID token: {error}") from error


def _key(jwks: Mapping[str, object], alg: str, kid: object) -> Mapping[str, object]:
    """Return the one key that a token can be signed with. Raises UnknownKey.

    A token that names no key can be of a set with a single fitting one (section 10.1).
    """
    keys = jwks.get("keys")
    fitting = [key for key in keys if _fits(key, alg)] if isinstance(keys, list) else []
    named = fitting if kid is None else [key for key in fitting if key.get("kid") == kid]
    if not named or (kid is None and len(named) > 1):
        raise UnknownKey
    found: Mapping[str, object] = named[0]
    return found


def _fits(key: object, alg: str) -> bool:
    return (
        isinstance(key, dict)
        and key.get("kty") == _KEY_TYPES[alg]
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) == alg
        and (alg not in _RSA or len(str(key.get("n", ""))) >= _SHORTEST_MODULUS)
    )


def check(claims: Claims, alg: str, expected: Expected, *, now: datetime) -> str:
    """Return the subject of a token that is for us, now, and for this sign-in.

    Raises UpstreamRefused.
    """
    if claims.get("iss") != expected.issuer:
        raise UpstreamRefused("the ID token is of another issuer")
    _check_audience(claims, expected.client_id)
    _check_times(claims, epoch(now))
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not _equal(nonce, expected.nonce):
        raise UpstreamRefused("the ID token is of another sign-in")
    at_hash = claims.get("at_hash")
    if at_hash is not None and at_hash != half_hash(alg, expected.access_token):
        raise UpstreamRefused("the ID token belongs to another access token")
    if expected.anew:
        _check_anew(claims, epoch(now))
    return check_subject(claims.get("sub"))


def check_subject(subject: object) -> str:
    """Return an identifier as it is kept. Raises UpstreamRefused."""
    if (
        not isinstance(subject, str)
        or not 0 < len(subject) <= _MAX_SUBJECT
        or not subject.isascii()
        or not subject.isprintable()
    ):
        raise UpstreamRefused("there is no usable subject")
    return subject


def _check_audience(claims: Claims, client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        raise UpstreamRefused("the ID token is for somebody else")
    if (party is not None or len(audiences) > 1) and party != client_id:
        raise UpstreamRefused("the ID token was made for somebody else")


def _check_times(claims: Claims, now: int) -> None:
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires is None or issued is None:
        raise UpstreamRefused("the ID token does not say when it was made, or when it ends")
    if expires + TOLERANCE <= now:
        raise UpstreamRefused("the ID token is over")
    begins = _time(claims, "nbf")
    if max(issued, issued if begins is None else begins) > now + TOLERANCE:
        raise UpstreamRefused("the ID token is of the future")


def _check_anew(claims: Claims, now: int) -> None:
    proved = _time(claims, "auth_time")
    if proved is None:
        raise UpstreamRefused("the provider does not say when it was proved, which was asked for")
    if proved + ANEW + TOLERANCE < now:
        raise UpstreamRefused("it was not proved anew")


def _time(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UpstreamRefused(f"{name} is not a time")
    return value


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
