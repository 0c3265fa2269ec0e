"""A connector for each connection, over what they share: copies of documents, breakers, limits."""

from collections.abc import Callable, Mapping

from authserver.core.clock import Clock
from authserver.core.net.breaker import Breakers
from authserver.core.net.fetch import Fetcher
from authserver.federation.connectors.azure_ad import AzureAdConnector
from authserver.federation.connectors.base import Connector
from authserver.federation.connectors.documents import Documents
from authserver.federation.connectors.github import GitHubConnector
from authserver.federation.connectors.google import GoogleConnector
from authserver.federation.connectors.line import Line
from authserver.federation.connectors.oidc import OidcConnector, Ours, Tools
from authserver.federation.values import Connection, Kind

# Where those are whose connection names no server. Tests put others here, and change nothing else.
PUBLIC = {
    Kind.GOOGLE: "https://accounts.google.com",
    Kind.GITHUB: "https://github.com",
    Kind.AZURE_AD: "https://login.microsoftonline.com",
}
_KINDS: Mapping[Kind, Callable[[Ours, Tools], Connector]] = {
    Kind.GOOGLE: GoogleConnector,
    Kind.GITHUB: GitHubConnector,
    Kind.AZURE_AD: AzureAdConnector,
    Kind.OIDC: OidcConnector,
}


class Connectors:
    """Makes connectors; they are cheap, and what they share is kept here, per process."""

    def __init__(self, clock: Clock, fetcher: Fetcher) -> None:
        """Take the time, and what asks for everything."""
        self._clock, self._fetcher = clock, fetcher
        self._documents, self._breakers = Documents(clock), Breakers(clock)

    def of(self, connection: Connection, secret: str) -> Connector:
        """Return what speaks with the provider of a connection; the secret is empty where none."""
        base = connection.server or PUBLIC[connection.kind]
        tools = Tools(
            self._clock,
            self._documents,
            lambda: Line(connection.id, self._fetcher, self._breakers),
        )
        return _KINDS[connection.kind](Ours(connection, secret, base), tools)

    def is_down(self, connection: Connection) -> bool:
        """Tell whether the provider failed so often that nobody asks it now."""
        return self._breakers.is_open(connection.id)
