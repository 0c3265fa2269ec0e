"""The answer to the client: parameters at its redirect URI."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from authserver.core.net.uri import parse_uri


@dataclass(frozen=True)
class Asks:
    """What a person is told who has to decide whether to go on: to which client, and why."""

    client: str
    error: str


@dataclass(frozen=True)
class ClientAnswer:
    """Where the browser goes and what it carries. Both were checked before.

    `chosen` names the client, and the account that the person chose for it on the way here. With
    `asks` the browser goes nowhere by itself.
    """

    redirect_uri: str
    response_mode: str
    parameters: Mapping[str, str]
    chosen: tuple[str, str] | None = None
    asks: Asks | None = None

    @property
    def location(self) -> str:
        """Return the URL of a query answer."""
        separator = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{separator}{urlencode(self.parameters)}"

    @property
    def host(self) -> str:
        """Return where it goes, as a person reads it."""
        uri = parse_uri(self.redirect_uri)
        return uri.host or f"{uri.scheme}:"


def form_action_source(redirect_uri: str) -> str:
    """Return the CSP source that lets a form's redirect reach the client.

    Chromium applies form-action to every redirect that follows a form post.
    """
    uri = parse_uri(redirect_uri)
    return uri.origin if uri.host else f"{uri.scheme}:"
