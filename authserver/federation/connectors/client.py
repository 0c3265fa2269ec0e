"""The messages of OAuth, made and read by Authlib's client; they travel by our line alone.

Authlib is given a session that has nothing but `post`: it cannot connect, follow a redirect, read a
proxy's name, or keep a cookie. What it raises holds codes and answers, so its texts go nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth, encode_client_secret_basic
from authlib.oauth2.client import OAuth2Client

from authserver.federation.connectors.base import (
    Callback,
    Start,
    UpstreamDown,
    UpstreamRefused,
    outcome_of,
)
from authserver.federation.connectors.line import Line, Said
from authserver.federation.values import Tokens

_MAX_TOKEN = 16 * 1024
_MAX_SCOPE = 1024
_LONGEST = 10 * 365 * 86_400
BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"


@dataclass(frozen=True)
class Us:
    """Who we are at the provider."""

    client_id: str
    secret: str = field(repr=False)
    scope: str
    auth_method: str


@dataclass(frozen=True)
class TokenAnswer:
    """The tokens, and the ID token where there is one."""

    tokens: Tokens
    id_token: str | None = field(repr=False)


def auth_method(offered: tuple[str, ...], secret: str) -> str:
    """Return how we prove who we are at a token endpoint. Raises UpstreamDown."""
    if not secret:
        return NONE
    for method in (BASIC, POST):
        if method in offered:
            return method
    raise UpstreamDown("its token endpoint takes a client secret in no way that we know")


def authorization_url(us: Us, endpoint: str, start: Start, **more: str | None) -> str:
    """Return where to send the browser; `more` are parameters, None leaves one out."""
    client = OAuth2Client(None, us.client_id, scope=us.scope)
    url, _ = client.create_authorization_url(
        endpoint,
        state=start.state,
        redirect_uri=start.redirect_uri,
        code_challenge=start.code_challenge,
        code_challenge_method="S256",
        **more,
    )
    return str(url)


def redeem(us: Us, line: Line, endpoint: str, *, callback: Callback) -> TokenAnswer:
    """Return what the code is worth. Raises UpstreamDown, UpstreamRefused."""
    answer = _said(
        lambda client: client.fetch_token(
            endpoint,
            grant_type="authorization_code",
            code=callback.code,
            redirect_uri=callback.redirect_uri,
            code_verifier=callback.code_verifier,
        ),
        us,
        line,
    )
    id_token = answer.get("id_token")
    return TokenAnswer(_tokens(answer), id_token if isinstance(id_token, str) else None)


def refreshed(us: Us, line: Line, endpoint: str, *, refresh_token: str) -> Tokens:
    """Return new tokens. Raises UpstreamDown, UpstreamRefused."""
    # Without a scope the answer has that of before (RFC 6749 section 6).
    us = Us(us.client_id, us.secret, "", us.auth_method)
    return _tokens(
        _said(lambda client: client.refresh_token(endpoint, refresh_token=refresh_token), us, line)
    )


def _said(ask: Any, us: Us, line: Line) -> Mapping[str, Any]:  # noqa: ANN401  a call of Authlib's
    client = OAuth2Client(
        _Session(line),
        us.client_id,
        us.secret,
        token_endpoint_auth_method=us.auth_method,
        scope=us.scope,
    )
    client.oauth_error_class = _ProviderError
    client.register_client_auth_method((BASIC, _basic))
    try:
        answer: Mapping[str, Any] = ask(client)
    except _ProviderError as error:
        raise outcome_of(error.code) from None
    except (UpstreamDown, UpstreamRefused):
        raise
    except Exception as error:  # noqa: BLE001  whatever the library stumbles over; see above
        raise UpstreamRefused(f"the token answer is unreadable: {type(error).__name__}") from None
    return answer


class _ProviderError(Exception):
    """The provider's own error. Authlib's class refuses some of their descriptions."""

    def __init__(self, error: object, description: object) -> None:
        super().__init__()
        self.code = error if isinstance(error, str) else "?"
        self.description = description


class _Session:
    """What Authlib takes for a session of requests."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth
    ) -> "_Response":
        url, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Response(self._line.post(url, body, sent.get("Authorization")))


class _Response:
    """What Authlib takes for a response of requests."""

    def __init__(self, said: Said) -> None:
        self.status_code = said.status
        self._said = said

    def json(self) -> object:
        members = dict(self._said.members)
        if self._said.is_refusal:
            members.setdefault("error", f"status {self.status_code}")
        return members

    def raise_for_status(self) -> None:
        raise UpstreamRefused(f"status {self.status_code}")


def _basic(client: Any, *request: Any) -> Any:  # noqa: ANN401  Authlib's own shape
    """Encode both parts as a form does (RFC 6749 section 2.3.1), which Authlib leaves out."""
    encoded = ClientAuth(quote_plus(client.client_id), quote_plus(client.client_secret))
    return encode_client_secret_basic(encoded, *request)


def _tokens(answer: Mapping[str, Any]) -> Tokens:
    kind = answer.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise UpstreamRefused("the access token is not a bearer token")
    access_token = _token(answer, "access_token")
    if access_token is None:
        raise UpstreamRefused("there is no access token")
    scope = answer.get("scope")
    return Tokens(
        access_token,
        _token(answer, "refresh_token"),
        _seconds(answer.get("expires_in")),
        scope[:_MAX_SCOPE] if isinstance(scope, str) else "",
    )


def _token(answer: Mapping[str, Any], name: str) -> str | None:
    value = answer.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_TOKEN or not value.isprintable():
        raise UpstreamRefused(f"the {name} is not one")
    return value


def _seconds(value: object) -> int | None:
    """Return a length of time; some providers write numbers as text."""
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal() or not text.isascii():
        return None
    return min(int(text[:12]), _LONGEST)
