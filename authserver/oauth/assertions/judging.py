"""Whether an assertion may be relied on: signature, audience, times (RFC 7523 section 3)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from authserver.core.clock import epoch
from authserver.core.jose import InvalidToken, read_foreign, unverified_claims, unverified_header
from authserver.oauth.assertions.keys import IssuerKeySets
from authserver.oauth.assertions.values import Trusted
from authserver.oauth.errors import OAuthError

SKEW = timedelta(seconds=30)
# An access token or a logout token of somebody else is no word about who may have a token.
_TYPES = frozenset({None, "JWT", "authorization-grant+jwt"})


@dataclass(frozen=True)
class Vouched:
    """What an issuer vouches for."""

    subject: str
    jti: str
    expires_at: datetime
    claims: dict[str, Any]


def refuse(detail: str) -> OAuthError:
    """Return the one answer to an assertion that is not good (section 3.1)."""
    return OAuthError("invalid_grant", "the assertion is not valid", detail=f"assertion: {detail}")


def named_issuer(assertion: str) -> str:
    """Return who an assertion says it is of, to find whose keys must verify it."""
    try:
        issuer = unverified_claims(assertion).get("iss")
    except InvalidToken as error:
        raise refuse(str(error)) from error
    if not isinstance(issuer, str):
        raise refuse("iss")
    return issuer


def judge(
    assertion: str, trusted: Trusted, keys: IssuerKeySets, *, audience: str, now: datetime
) -> Vouched:
    """Return what it vouches for. `audience` is our issuer. Raises invalid_grant."""
    try:
        header = unverified_header(assertion)
        if header.get("typ") not in _TYPES:
            raise refuse("typ")
        claims = read_foreign(
            assertion, keys.of(trusted, header.get("kid")), list(trusted.algorithms)
        )
    except InvalidToken as error:
        raise refuse(str(error)) from error
    if claims.get("iss") != trusted.issuer:
        raise refuse("iss")
    _check_audience(claims, audience)
    return Vouched(
        subject=_text(claims, "sub"),
        jti=_text(claims, "jti"),
        expires_at=_check_times(claims, trusted, now),
        claims=claims,
    )


def _check_audience(claims: dict[str, Any], issuer: str) -> None:
    """Let it be meant for us alone: what is for several may have been used by any of them."""
    audience = claims.get("aud")
    one = audience[0] if isinstance(audience, list) and len(audience) == 1 else audience
    if one not in (issuer, f"{issuer}/oauth/token"):
        raise refuse("aud")


def _check_times(claims: dict[str, Any], trusted: Trusted, now: datetime) -> datetime:
    at, skew, longest = epoch(now), SKEW.total_seconds(), trusted.longest
    expires, issued, begins = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or not at - skew < expires <= at + longest + skew:
        raise refuse("exp")
    if issued is None or issued > at + skew or expires - issued > longest:
        raise refuse("iat")
    if begins is not None and begins > at + skew:
        raise refuse("nbf")
    return datetime.fromtimestamp(expires, UTC)


def _time(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(f"{name} is not a number")
    return float(value)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255:  # noqa: PLR2004  as it is stored
        raise refuse(name)
    return value
