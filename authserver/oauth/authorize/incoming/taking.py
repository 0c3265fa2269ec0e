"""From parameters to a checked request, or to the answer that says what is wrong with them."""

from dataclasses import dataclass

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.authorize.checks import checked
from authserver.oauth.authorize.outgoing.answers import Answers, Destination
from authserver.oauth.authorize.request import AuthorizationRequest, identify
from authserver.oauth.client_auth.authenticate import find
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form
from authserver.tenants.resolve import Issuer


@dataclass(frozen=True)
class Taken:
    """A request that passed every check, and whose it is."""

    client: RegisteredClient
    request: AuthorizationRequest


class IncomingRequests:
    """Takes new requests."""

    def __init__(self, clients: Snapshots[str, RegisteredClient], answers: Answers) -> None:
        """Take clients by id, and what says to them that they are wrong."""
        self._clients = clients
        self._answers = answers

    def client(self, issuer: Issuer, client_id: str) -> RegisteredClient | None:
        """Return the client if it is registered at this issuer."""
        return find(self._clients, issuer, client_id)

    def take(self, issuer: Issuer, form: Form) -> Taken | ClientAnswer:
        """Return the request, or what its client is told.

        Raises UnknownClient or UnregisteredRedirectUri: then nothing is ever redirected.
        """
        client = self.client(issuer, form.get("client_id") or "")
        raw = identify(issuer, client, form)
        try:
            return Taken(raw.client, checked(raw))
        except OAuthError as error:
            return self._answers.error(Destination.of_raw(raw), error)
