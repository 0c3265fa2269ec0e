"""A browser's way to a provider and back. Whatever is asked of the provider is part of no job."""

from dataclasses import dataclass
from typing import Protocol

from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database
from authserver.federation import connections, states
from authserver.federation.connectors.base import Answer, Callback, Connector, Start
from authserver.federation.states import Errand, Returned
from authserver.federation.values import Connection


class Connectors(Protocol):
    """Makes what speaks with the provider of a connection."""

    def of(self, connection: Connection, secret: str) -> Connector:
        """Return the connector, by the secret that the provider gave us."""

    def is_down(self, connection: Connection) -> bool:
        """Tell whether the provider failed so often that nobody asks it now."""


@dataclass(frozen=True)
class Wish:
    """What the authorization request upstream says beside the errand."""

    redirect_uri: str
    login_hint: str | None = None
    ui_locales: tuple[str, ...] = ()


class Journeys:
    """Sends browsers to providers, and asks those what came back with them."""

    def __init__(
        self, database: Database, connectors: Connectors, *, keyring: Keyring, clock: Clock
    ) -> None:
        """Take what speaks with providers, and what opens the secrets for them."""
        self._database = database
        self._connectors = connectors
        self._keyring = keyring
        self._clock = clock

    def leave(self, connection: Connection, errand: Errand, wish: Wish, *, browser: str) -> str:
        """Remember the errand and return the URL to send the browser to. Raises UpstreamDown.

        `browser` is the secret of its flow cookie.
        """
        now, connector = self._clock.now(), self._connector(connection)
        sent = self._database.write(
            lambda transaction: states.send(transaction, errand, browser=browser, now=now)
        )
        return connector.authorization_url(
            Start(
                redirect_uri=wish.redirect_uri,
                state=sent.state,
                nonce=sent.nonce,
                code_challenge=sent.code_challenge,
                login_hint=wish.login_hint,
                anew=errand.anew,
                ui_locales=wish.ui_locales,
            )
        )

    def claim(self, state: str, connection_id: str, *, browser: str) -> Returned | None:
        """Use up the state that a browser came back with; None where it is not good here."""
        now = self._clock.now()
        return self._database.write(
            lambda transaction: states.claim(
                transaction, state, connection_id, browser=browser, now=now
            )
        )

    def find(self, connection_id: str) -> Connection | None:
        """Return a connection as it is now, switched off or not."""
        with self._database.read() as view:
            return connections.find(view, connection_id)

    def answers(self, connection: Connection) -> bool:
        """Tell whether the provider can be spoken with, as far as is known."""
        return not self._connectors.is_down(connection)

    def finish(self, connection: Connection, callback: Callback) -> Answer:
        """Return who it is by the provider's word. Raises UpstreamDown, UpstreamRefused."""
        return self._connector(connection).finish(callback)

    def _connector(self, connection: Connection) -> Connector:
        with self._database.read() as view:
            secret = connections.client_secret(view, connection.id, self._keyring)
        return self._connectors.of(connection, secret)
