"""The answer to the client: parameters at its redirect URI, with `iss` in every one (RFC 9207)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from authserver.core.net.uri import parse_uri
from authserver.oauth.errors import OAuthError


@dataclass(frozen=True)
class ClientAnswer:
    """Where the browser goes and what it carries. Both were checked before.

    `chosen` names the client, and the account that the person chose for it on the way here.
    """

    redirect_uri: str
    response_mode: str
    parameters: Mapping[str, str]
    chosen: tuple[str, str] | None = None

    @property
    def location(self) -> str:
        """Return the URL of a query answer."""
        separator = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{separator}{urlencode(self.parameters)}"


def success(
    issuer: str, *, redirect_uri: str, response_mode: str, state: str | None, code: str
) -> ClientAnswer:
    """Return the answer that carries a code (RFC 6749 section 4.1.2)."""
    carried = {"code": code, "iss": issuer, **({"state": state} if state is not None else {})}
    return ClientAnswer(redirect_uri, response_mode, carried)


def failure(
    issuer: str,
    *,
    redirect_uri: str,
    response_mode: str | None,
    state: str | None,
    error: OAuthError,
) -> ClientAnswer:
    """Return the answer that carries an error (section 4.1.2.1)."""
    carried = {**error.parameters(), "iss": issuer}
    if state is not None:
        carried["state"] = state
    mode = response_mode if response_mode == "form_post" else "query"
    return ClientAnswer(redirect_uri, mode, carried)


def form_action_source(redirect_uri: str) -> str:
    """Return the CSP source that lets a form's redirect reach the client.

    Chromium applies form-action to every redirect that follows a form post.
    """
    uri = parse_uri(redirect_uri)
    return uri.origin if uri.host else f"{uri.scheme}:"
