"""A whole visit to a provider, without the server around it: start, sign in there, finish."""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from authserver.federation.connectors.base import Answer, Callback, Connector, Start
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Connection, Kind
from tests.support.providers.people import Person
from tests.support.providers.server import Provider, query

CALLBACK = "https://auth.example/login/federation/con_1/callback"


def connection(kind: Kind | str, provider: Provider, **more: Any) -> Connection:
    """Return a connection to a simulated provider."""
    known = {
        "id": f"con_{secrets.token_hex(8)}",
        "tenant_id": None,
        "kind": Kind(kind),
        "name": "there",
        "label": "There",
        "client_id": provider.client_id,
        "server": provider.url,
    }
    return Connection(**{**known, **more})


def token() -> str:
    return secrets.token_urlsafe(32)


@dataclass
class Visit:
    """One sign-in at a provider, step by step; what a test changes in between is its attack."""

    connector: Connector
    provider: Provider
    anew: bool = False
    state: str = field(default_factory=token)
    nonce: str = field(default_factory=token)
    verifier: str = field(default_factory=token)
    redirect_uri: str = CALLBACK
    hint: str | None = None
    ui_locales: tuple[str, ...] = ()

    def url(self) -> str:
        """Return where the browser is sent."""
        challenge = sha256(self.verifier.encode()).digest()
        return self.connector.authorization_url(
            Start(
                redirect_uri=self.redirect_uri,
                state=self.state,
                nonce=self.nonce,
                code_challenge=urlsafe_b64encode(challenge).rstrip(b"=").decode(),
                login_hint=self.hint,
                anew=self.anew,
                ui_locales=self.ui_locales,
            )
        )

    def back(self, person: Person | None = None) -> dict[str, str]:
        """Return what the browser comes back with."""
        said = query(self.provider.sign_in(self.url(), person))
        assert said["state"] == self.state
        return said

    def finish(self, said: dict[str, str]) -> Answer:
        """Return what the connector makes of it."""
        return self.connector.finish(
            Callback(
                code=said["code"],
                issuer=said.get("iss"),
                redirect_uri=self.redirect_uri,
                nonce=self.nonce,
                code_verifier=self.verifier,
                anew=self.anew,
            )
        )

    def complete(self, person: Person | None = None) -> Answer:
        """Do all of it."""
        return self.finish(self.back(person))


def visit(connectors: Connectors, to: Connection, provider: Provider, **more: Any) -> Visit:
    """Return a visit to the provider of a connection."""
    return Visit(connectors.of(to, provider.client_secret), provider, **more)
