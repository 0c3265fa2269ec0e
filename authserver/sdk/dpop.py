"""Proofs of possession (RFC 9449): that whoever sends a bound token holds its key. No framework."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from joserfc.errors import JoseError

from authserver.sdk.compact import MAX_TOKEN_LENGTH, base64url, json_object
from authserver.sdk.errors import InvalidProof, TooManyProofs, shown
from authserver.sdk.jwks import VerificationKey, read_proof_key

MAX_AGE = 60
SKEW = 10
MOST_REMEMBERED = 100_000
_LONGEST_JTI = 256
_PORTS = {"https": 443, "http": 80}
_FORBIDDEN_HEADERS = frozenset({"b64", "crit", "enc", "jku", "x5c", "x5u", "zip"})

FirstUse = Callable[[str, float], bool]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows with a bound token: the proof, its method, and the URL it came to.

    `url` begins with the address that is configured for this API: what a request says of its own
    host, its sender chose.
    """

    proof: str
    method: str
    url: str


class SeenProofs:
    """Remembers in this process which proofs were used, for as long as they would be good."""

    def __init__(self, clock: Callable[[], float], *, most: int = MOST_REMEMBERED) -> None:
        """Take the time, in seconds since the epoch, and how many to remember at most."""
        self._clock = clock
        self._most = most
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def __call__(self, name: str, until: float) -> bool:
        """Tell whether a proof comes for the first time; raise TooManyProofs when full.

        What was remembered is never dropped early: it would be good again.
        """
        with self._lock:
            if name in self._until and self._until[name] > self._clock():
                return False
            if len(self._until) >= self._most:
                self._forget()
            self._until[name] = until
            return True

    def _forget(self) -> None:
        now = self._clock()
        self._until = {name: until for name, until in self._until.items() if until > now}
        if len(self._until) >= self._most:
            raise TooManyProofs(f"{self._most} proofs within their time")


def check_proof(
    given: Shown, token: str, thumbprint: object, *, now: float, first_use: FirstUse
) -> None:
    """Raise InvalidProof unless the proof is for this request and token, by its key, and new."""
    key, jkt, claims = _read(given.proof)
    if jkt != thumbprint:
        raise _refused("made with another key than the token's")
    if not key.verifies(given.proof):
        raise _refused("signature does not verify")
    _check_request(claims, given, token)
    _check_times(claims, now)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        raise _refused("jti is missing or too long")
    name = hashlib.sha256(f"{jkt} {jti}".encode()).hexdigest()
    if not first_use(name, now + MAX_AGE + 2 * SKEW):
        raise _refused("jti was used before")


def _read(proof: str) -> tuple[VerificationKey, str, dict[str, object]]:
    parts = proof.split(".", 3) if len(proof) <= MAX_TOKEN_LENGTH else []
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7515 section 7.1
        raise _refused("not one compact JWS")
    try:
        header, claims = json_object(base64url(parts[0])), json_object(base64url(parts[1]))
        base64url(parts[2])
        if header.get("typ") != "dpop+jwt" or _FORBIDDEN_HEADERS & header.keys():
            raise _refused("header")
        key, members = read_proof_key(header.get("jwk"), header.get("alg"))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _refused(f"malformed: {shown(str(error))}") from error
    return key, _thumbprint(members), claims


def _thumbprint(members: dict[str, str]) -> str:
    """Return the SHA-256 thumbprint of a key's members (RFC 7638 section 3)."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return _hash(text)


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _check_request(claims: dict[str, object], given: Shown, token: str) -> None:
    if claims.get("htm") != given.method:
        raise _refused(f"htm is {shown(claims.get('htm'))}")
    htu = claims.get("htu")
    if not isinstance(htu, str) or _normal(htu) is None or _normal(htu) != _normal(given.url):
        raise _refused(f"htu is {shown(htu)}")
    if claims.get("ath") != _hash(token):
        raise _refused("ath is not of this token")


def _normal(url: str) -> tuple[str, str, str] | None:
    """Return scheme, host with port, and path, without query and fragment; None if malformed."""
    if not url.isascii() or not url.isprintable() or {" ", "\\", "@"} & set(url):
        return None
    try:
        split = urlsplit(url)
        host = f"{split.hostname}:{split.port or _PORTS.get(split.scheme)}"
    except ValueError:
        return None
    return split.scheme, host, unquote(split.path)


def _check_times(claims: dict[str, object], now: float) -> None:
    issued = _time(claims, "iat")
    if issued is None or not now - MAX_AGE <= issued <= now + SKEW:
        raise _refused(f"iat is {shown(claims.get('iat'))}")
    expires, begins = _time(claims, "exp"), _time(claims, "nbf")
    if (expires is not None and expires <= now - SKEW) or (begins or 0) > now + SKEW:
        raise _refused("exp or nbf")


def _time(claims: dict[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"{name} is no time")
    return float(value)


def _refused(detail: str) -> InvalidProof:
    return InvalidProof("The DPoP proof is not valid.", f"proof: {detail}")
