"""Clients that are told by the browser: a frame for each (OpenID Connect Front-Channel Logout 1.0).

Best effort: browsers that block other sites' cookies make it powerless, and nobody knows whether it
worked. Clients that can should register for back-channel logout.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.net.uri import parse_uri

MOST = 12  # frames of one page: they travel in a cookie, and the person waits for them

Stored = Sequence[Sequence[str]]


class Frame(NamedTuple):
    """A client, and the issuer and the session that it wants to know, if it does."""

    client_id: str
    of: tuple[str, str] | None


def stored(frames: Iterable[Frame]) -> Stored:
    """Return frames for the flow cookie."""
    return [[frame.client_id, *(frame.of or ())] for frame in frames]


def urls(kept: Stored, clients: Snapshots[str, RegisteredClient]) -> list[str]:
    """Return what the page's frames show, by what the clients have registered now."""
    return list(_urls(kept, clients))


def sources(found: Iterable[str]) -> str:
    """Return the sources of these URLs, for the policy of the page."""
    return " ".join(sorted({parse_uri(url).origin for url in found}))


def _urls(kept: Stored, clients: Snapshots[str, RegisteredClient]) -> Iterator[str]:
    for client_id, *of in kept:
        client = clients.get(client_id)
        uri = client.options.frontchannel_logout_uri if client else None
        if uri is not None:
            separator = "&" if "?" in uri else "?"
            named = urlencode(dict(zip(("iss", "sid"), of, strict=False)))
            yield f"{uri}{separator}{named}" if named else uri
