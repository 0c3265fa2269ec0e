"""One proof of possession, read: made for this request, of late, with a key that it brings along.

Everything that RFC 9449 section 4.3 asks for which needs no look into the database.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from authserver.clients.jwks import check_jwks
from authserver.clients.policy import UnfitRegistration
from authserver.core.clock import epoch
from authserver.core.jose import InvalidToken, read_self_signed, thumbprint, unverified_header
from authserver.core.values.base64url import base64url

TYP = "dpop+jwt"
ALGORITHMS = ("ES256", "ES384", "PS256", "RS256", "EdDSA")
_NAMES = {"Ed25519": "EdDSA"}  # RFC 9864 names the curve; libraries write either
NAMES = (*ALGORITHMS, *_NAMES)
MAX_AGE = timedelta(seconds=60)
SKEW = timedelta(seconds=10)  # how far a client's clock may be ahead (section 11.1)
_LONGEST_JTI = 256
_PORTS = {"https": 443, "http": 80}


class Proof(NamedTuple):
    """A proof that fits its request; whether it was used before is another look.

    `jkt` is the thumbprint of the key it was made with (RFC 7638).
    """

    jkt: str
    jti: str
    nonce: str | None


class Wanted(NamedTuple):
    """What a proof must be about. `url` is ours, as the issuer says it, never as a header does.

    `token` is the access token that comes along, None where there is none.
    """

    method: str
    url: str
    now: datetime
    token: str | None = None
    algorithms: Sequence[str] = ALGORITHMS


def read(text: str, wanted: Wanted) -> Proof:
    """Return a proof that fits. Raises InvalidToken with the name of what does not."""
    header = unverified_header(text)
    if header.get("typ") != TYP:
        raise InvalidToken("typ")
    jwk = _own_key(header)
    alg = str(header.get("alg"))
    if _NAMES.get(alg, alg) not in wanted.algorithms or jwk.get("alg", alg) != alg:
        raise InvalidToken("alg")
    claims = read_self_signed(text, jwk, alg)
    _check_request(claims, wanted)
    _check_times(claims, epoch(wanted.now))
    jti, nonce = claims.get("jti"), claims.get("nonce")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise InvalidToken("jti")
    if nonce is not None and not isinstance(nonce, str):
        raise InvalidToken("nonce")
    return Proof(thumbprint(jwk), jti, nonce)


def token_hash(token: str) -> str:
    """Return the `ath` of an access token (section 4.2)."""
    return base64url(hashlib.sha256(token.encode()).digest()).decode()


def _own_key(header: dict[str, Any]) -> dict[str, Any]:
    """Return the public key in the header: fit by the rules for keys that clients register."""
    jwk = header.get("jwk")
    if not isinstance(jwk, dict):
        raise InvalidToken("jwk")
    try:
        check_jwks({"keys": [jwk]})
    except UnfitRegistration as error:
        raise InvalidToken(f"jwk: {error.description}") from error
    if jwk.get("use", "sig") != "sig":
        raise InvalidToken("jwk: use")
    return jwk


def _check_request(claims: dict[str, Any], wanted: Wanted) -> None:
    if claims.get("htm") != wanted.method:
        raise InvalidToken("htm")
    htu = claims.get("htu")
    if not isinstance(htu, str) or not _same(htu, wanted.url):
        raise InvalidToken("htu")
    ath = claims.get("ath")
    if wanted.token is not None and ath != token_hash(wanted.token):
        raise InvalidToken("ath")


def _same(htu: str, url: str) -> bool:
    """Compare without query and fragment; scheme, host and a default port as RFC 3986 6.2 says."""
    bare = htu.partition("#")[0].partition("?")[0]
    return bare == url or _normal(bare) == _normal(url)


def _normal(url: str) -> tuple[str, str, str] | None:
    # What urlsplit repairs in silence is refused: it was not written like that by us.
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or "@" in url:
        return None
    try:
        split = urlsplit(url)
        return split.scheme, _authority(split), split.path
    except ValueError:
        return None


def _authority(split: SplitResult) -> str:
    default = _PORTS.get(split.scheme)
    return f"{split.hostname}:{split.port or default}"


def _check_times(claims: dict[str, Any], now: float) -> None:
    """Refuse what is old, or from a clock too far ahead; `nbf` and `exp` where they are there."""
    skew = SKEW.total_seconds()
    issued = _time(claims, "iat")
    if issued is None or not now - MAX_AGE.total_seconds() <= issued <= now + skew:
        raise InvalidToken("iat")
    expires, begins = _time(claims, "exp"), _time(claims, "nbf")
    if expires is not None and expires <= now - skew:
        raise InvalidToken("exp")
    if begins is not None and begins > now + skew:
        raise InvalidToken("nbf")


def _time(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidToken(name)
    return float(value)
