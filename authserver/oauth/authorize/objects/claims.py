"""What a request object says, once its signature was verified. Values in, decision out."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from authserver.core import web
from authserver.core.clock import epoch
from authserver.oauth.authorize.request import REPEATABLE
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form

MAX_LIFE = timedelta(hours=1)
SKEW = timedelta(seconds=30)
# About the object itself. `sub` has no meaning in one (RFC 9101 section 10.8).
_OF_THE_TOKEN = frozenset({"iss", "aud", "sub", "exp", "nbf", "iat", "jti"})
_NESTED = ("request", "request_uri")


class ObjectRefused(OAuthError):  # noqa: N818  a decision of ours, not an error
    """The request object does not count. `said` is what it says, if that much could be read."""

    def __init__(
        self, reason: str, *, error: str = "invalid_request_object", said: Form | None = None
    ) -> None:
        """Take the reason in plain words."""
        super().__init__(error, f"the request object is refused: {reason}")
        self.said = said


def check(claims: Mapping[str, Any], *, issuer: str, client_id: str, now: datetime) -> None:
    """Refuse an object that is not this client's, not for this issuer, or not for now.

    Raises ObjectRefused. A life is optional (section 4), but where there is one it is short.
    """
    if claims.get("iss") != client_id:
        raise ObjectRefused("iss is not the client")
    # A client assertion is signed with the same key for the same audience, and has a subject.
    if claims.get("sub") == client_id:
        raise ObjectRefused("it is a client assertion")
    audience = claims.get("aud")
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise ObjectRefused("aud is not this issuer")
    _check_times(claims, now)


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    at, skew, life = epoch(now), SKEW.total_seconds(), MAX_LIFE.total_seconds()
    expires, begins = _time(claims, "exp"), _time(claims, "nbf")
    if expires is not None and not at - skew < expires <= at + life + skew:
        raise ObjectRefused("exp is past, or more than an hour away")
    if begins is not None and not at - life - skew <= begins <= at + skew:
        raise ObjectRefused("nbf is to come, or more than an hour ago")
    if (_time(claims, "iat") or 0) > at + skew:
        raise ObjectRefused("iat is to come")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ObjectRefused(f"{name} is not a number")
    return float(value)


def parameters(claims: Mapping[str, Any]) -> Form:
    """Return the request's parameters: texts as they are, other values as JSON (section 4).

    Raises ObjectRefused, by the same strict rules that hold for forms.
    """
    for name in _NESTED:
        if name in claims:
            raise ObjectRefused(f"it has {name} in it")
    found: dict[str, list[str]] = {}
    for name, value in claims.items():
        if name in _OF_THE_TOKEN or value is None:
            continue
        texts = [_checked(text) for text in _texts(name, value)]
        if texts := [text for text in texts if text]:
            found[name] = texts
    return Form(found)


def answerable(claims: Mapping[str, Any]) -> Form:
    """Return what an error is answered by, of an object that does not count: no more than text."""
    found = {}
    for name in ("redirect_uri", "response_mode", "state"):
        value = claims.get(name)
        if isinstance(value, str) and value and value.isprintable():
            found[name] = [value]
    return Form(found)


def _texts(name: str, value: object) -> Iterator[str]:
    several = name in REPEATABLE and isinstance(value, list)
    for one in value if several and isinstance(value, list) else [value]:
        yield one if isinstance(one, str) else orjson.dumps(one).decode()


def _checked(text: str) -> str:
    try:
        return web.read_text(text.encode())
    except web.MalformedRequest as error:
        raise ObjectRefused(error.description) from error


def check_agreement(outside: Form, inside: Form, *, client_id: str) -> None:
    """Refuse an object that contradicts the request around it about who asks, and for what.

    RFC 9101 section 5, OpenID Connect Core section 6.1. Of the response type the request around it
    may be silent; the object may not. Everything else beside it means nothing.
    """
    if inside.get("client_id") != client_id:
        raise ObjectRefused("client_id is not the client")
    response_type = inside.get("response_type")
    if response_type is None or outside.get("response_type") not in {None, response_type}:
        raise ObjectRefused("response_type is missing, or differs from the one beside it")
