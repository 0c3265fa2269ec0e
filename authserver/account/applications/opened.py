"""Applications that a person can open from here: their clients begin the sign-in themselves.

By the address that a client registered for it (OpenID Connect Core section 4). It is told which
issuer to come to and nothing of the person: who opens a link is nobody's business before they sign
in.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from authserver.clients import statements
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.database.engine import Database
from authserver.oauth.client_auth.authenticate import find
from authserver.sessions.live import LiveSession
from authserver.tenants.resolve import Issuer


@dataclass(frozen=True)
class Opening:
    """A client, and the link that opens it."""

    client: RegisteredClient
    url: str


class Openings:
    """Knows which clients serve a person, and can be opened."""

    def __init__(self, database: Database, clients: Snapshots[str, RegisteredClient]) -> None:
        """Take what knows the clients."""
        self._database = database
        self._clients = clients

    def of(self, who: LiveSession, issuer: Issuer) -> list[Opening]:
        """Return those of the person's tenant and those that serve it, by name."""
        with self._database.read() as view:
            rows = view.rows(statements.CLIENTS_TO_OPEN, {})
        found = [find(self._clients, issuer, row["id"]) for row in rows]
        return [
            Opening(client, url)
            for client in found
            if client is not None
            and client.usable
            and client.serves_tenant(who.tenant_id)
            and (url := initiation(client, issuer)) is not None
        ]


def initiation(client: RegisteredClient, issuer: Issuer) -> str | None:
    """Return the URL that lets a client send the browser here to sign in."""
    uri = client.options.initiate_login_uri
    if uri is None:
        return None
    separator = "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode({'iss': issuer.url})}"
