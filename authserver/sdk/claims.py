"""The claims of an access token (RFC 9068 section 2.2): what must hold, and what they become."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

from authserver.sdk.errors import ExpiredToken, refused, shown

Claims = Mapping[str, object]

_SCOPE = re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*")
_LATEST = 2**53
_REQUIRED = ("sub", "client_id", "jti", "tenant_id", "tenant", "tenant_type")
_ONLY_OF_PEOPLE = ("sid", "auth_time", "acr", "amr")


@dataclass(frozen=True, slots=True)
class Rules:
    """What a resource server expects; times in seconds."""

    audiences: frozenset[str]
    leeway: int
    max_lifetime: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """Who calls, on behalf of which client and tenant, and what the caller may do.

    Times are seconds since the epoch. `claims` holds everything the token says, verified.
    """

    subject: str
    client_id: str
    scopes: frozenset[str]
    roles: frozenset[str]
    tenant_id: str
    tenant: str
    tenant_type: str
    session_id: str | None
    auth_time: int | None
    acr: str | None
    amr: tuple[str, ...]
    expires_at: int
    issued_at: int
    token_id: str
    claims: Claims = field(repr=False, compare=False)

    @property
    def is_service(self) -> bool:
        """Tell whether a client acts for itself, so that no person stands behind the call."""
        return self.subject == self.client_id and self.session_id is None


def check_audience(claims: Claims, rules: Rules, _now: float) -> None:
    """Refuse a token for another API: one of our names must be in `aud`, letter by letter."""
    aud = claims.get("aud")
    audiences = [aud] if isinstance(aud, str) else aud
    if not isinstance(audiences, list) or not all(isinstance(name, str) for name in audiences):
        raise refused("aud is missing or not text")
    if rules.audiences.isdisjoint(audiences):
        raise refused(f"aud is {shown(aud)}")


def check_lifetime(claims: Claims, rules: Rules, now: float) -> None:
    """Refuse a token that is not yet or no longer valid, or that lives longer than is sensible."""
    issued_at, expires_at = _time(claims, "iat"), _time(claims, "exp")
    not_before = _time(claims, "nbf") if "nbf" in claims else issued_at
    if now + rules.leeway < max(issued_at, not_before):
        raise refused("iat or nbf lies in the future")
    if not 0 < expires_at - issued_at <= rules.max_lifetime:
        raise refused(f"valid for {expires_at - issued_at} seconds")
    if now - rules.leeway >= expires_at:
        raise ExpiredToken("The access token has expired.", f"exp is {expires_at}")


def check_required(claims: Claims, _rules: Rules, _now: float) -> None:
    """Refuse a token without subject, client, token id or tenant (RFC 9068 section 2.2)."""
    for name in _REQUIRED:
        if not _text(claims, name):
            raise refused(f"{name} is missing")


def reject_client_as_person(claims: Claims, _rules: Rules, _now: float) -> None:
    """Refuse a client's own token that speaks of a sign-in (RFC 9700 section 4.15)."""
    if claims.get("sub") == claims.get("client_id") and any(n in claims for n in _ONLY_OF_PEOPLE):
        raise refused("sub is the client, but the token tells of a sign-in")


def confirmed_key(claims: Claims, *, proved: bool, certificate: bytes | None) -> object:
    """Return the thumbprint of the key that a token is bound to (`cnf`, RFC 9449 section 6).

    None where it is bound to no key: to nothing, or to the certificate (in DER) that the request
    showed (RFC 8705 section 3.1). A bound token without its proof or its certificate was probably
    stolen; with a proof, an unbound one is refused.
    """
    if "cnf" not in claims:
        if proved:
            raise refused("presented with a proof, but not bound to its key")
        return None
    match claims["cnf"]:
        case {"jkt": thumbprint, **rest} if not rest:
            if not proved:
                raise refused("bound to a key, but presented without a proof")
            return thumbprint
        case {"x5t#S256": thumbprint, **rest} if not rest and not proved:
            if certificate is None or _thumbprint(certificate) != thumbprint:
                raise refused("bound to a certificate that the request does not show")
            return None
    raise refused("bound to something that the request does not show")


def _thumbprint(certificate: bytes) -> str:
    return urlsafe_b64encode(sha256(certificate).digest()).rstrip(b"=").decode()


Check = Callable[[Claims, Rules, float], None]
CHECKS: tuple[Check, ...] = (
    check_audience,
    check_required,
    reject_client_as_person,
    check_lifetime,
)


def read_access_token(claims: dict[str, object], rules: Rules, now: float) -> AccessToken:
    """Return what verified claims say at `now` (epoch seconds); raise InvalidToken."""
    for check in CHECKS:
        check(claims, rules, now)
    return AccessToken(
        subject=_text(claims, "sub"),
        client_id=_text(claims, "client_id"),
        scopes=_scopes(claims),
        roles=frozenset(_texts(claims, "roles")),
        tenant_id=_text(claims, "tenant_id"),
        tenant=_text(claims, "tenant"),
        tenant_type=_text(claims, "tenant_type"),
        session_id=_text(claims, "sid") or None,
        auth_time=_time(claims, "auth_time") if "auth_time" in claims else None,
        acr=_text(claims, "acr") or None,
        amr=_texts(claims, "amr"),
        expires_at=_time(claims, "exp"),
        issued_at=_time(claims, "iat"),
        token_id=_text(claims, "jti"),
        claims=MappingProxyType(claims),
    )


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str) or (name in claims and not value):
        raise refused(f"{name} is not text")
    return value


def _texts(claims: Claims, name: str) -> tuple[str, ...]:
    values = claims.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise refused(f"{name} is not a list of texts")
    return tuple(values)


def _time(claims: Claims, name: str) -> int:
    value = claims.get(name)
    # Whole seconds only: True is an int to Python, and 1e300 or NaN never expire.
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise refused(f"{name} is not a time in whole seconds")
    return value


def _scopes(claims: Claims) -> frozenset[str]:
    scope = claims.get("scope", "")
    if not isinstance(scope, str) or (scope and not _SCOPE.fullmatch(scope)):
        raise refused("scope is not a list of scopes")
    return frozenset(scope.split())
