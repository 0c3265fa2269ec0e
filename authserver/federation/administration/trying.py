"""Tries a connection: whether the provider answers, and knows us by the secret we have.

The provider is sent a code that nobody was given. It refuses that one whoever asks: how, tells
whether it took our name and secret. What the network said goes to the log alone: it would tell
what is behind a name.
"""

from dataclasses import dataclass
from enum import StrEnum

from authserver.core import log
from authserver.core.ids import new_secret
from authserver.federation.connections import redirect_uri
from authserver.federation.connectors.base import (
    Callback,
    Connector,
    GrantEnded,
    Start,
    UpstreamDown,
    UpstreamRefused,
)
from authserver.federation.connectors.making import PUBLIC
from authserver.federation.values import Connection

_log = log.get(__name__)
# How providers say that they do not know us by this secret; the second one is GitHub's.
_UNKNOWN = ("'invalid_client'", "'incorrect_client_credentials'", "'unauthorized_client'")


class Verdict(StrEnum):
    """What came of it."""

    WORKS = "works"
    REACHABLE = "reachable"  # it answers; what it thinks of our secret it did not say
    SECRET_REFUSED = "secret_refused"  # noqa: S105  a name
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Tried:
    """What came of it, and where people would be sent."""

    verdict: Verdict
    authorization_url: str | None = None


def attempt(connector: Connector, connection: Connection, issuer: str) -> Tried:
    """Ask the provider. May take seconds: never in a job."""
    back, verifier = redirect_uri(issuer, connection.id), new_secret()
    try:
        url = connector.authorization_url(Start(back, new_secret(), new_secret(), verifier))
        # What sends `iss` back with a browser (RFC 9207) is believed to have sent its own.
        answered_by = connection.server or PUBLIC[connection.kind]
        connector.finish(Callback(new_secret(), answered_by, back, new_secret(), verifier))
    except GrantEnded:
        return Tried(Verdict.WORKS, _place(url))
    except UpstreamRefused as refused:
        _log.info("connection_tried", connection_id=connection.id, reason=str(refused))
        unknown = any(word in str(refused) for word in _UNKNOWN)
        verdict = Verdict.SECRET_REFUSED if unknown else Verdict.REACHABLE
        return Tried(verdict, _place(url))
    except UpstreamDown as down:
        _log.info("connection_tried", connection_id=connection.id, reason=str(down))
        return Tried(Verdict.UNREACHABLE)
    return Tried(Verdict.REACHABLE, _place(url))


def _place(url: str) -> str:
    """Return where people are sent, without what a request would add."""
    return url.partition("?")[0]
