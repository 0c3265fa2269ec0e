"""The answers to clients: a code or an error, with `iss` in every one (RFC 9207).

Who registered itself is not trusted with the browser of a person who did nothing: an error takes a
page, from which the person may go on (RFC 9700 section 4.11.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.oauth.authorize.answer import Asks, ClientAnswer
from authserver.oauth.authorize.outgoing import jarm
from authserver.oauth.authorize.request import AuthorizationRequest, RawRequest
from authserver.oauth.errors import OAuthError
from authserver.tenants.resolve import Issuer
from authserver.tokens.calendar import IssuerKeys


@dataclass(frozen=True)
class Destination:
    """Where an answer goes. The redirect URI was matched before; the mode may be any text."""

    issuer: Issuer
    client: RegisteredClient
    redirect_uri: str
    response_mode: str | None
    state: str | None

    @classmethod
    def of_raw(cls, raw: RawRequest) -> Self:
        """Return where the answer to an unchecked request goes."""
        asked = raw.parameters
        mode, state = asked.get("response_mode"), asked.get("state")
        return cls(raw.issuer, raw.client, raw.redirect_uri, mode, state)

    @classmethod
    def of(cls, issuer: Issuer, client: RegisteredClient, request: AuthorizationRequest) -> Self:
        """Return where the answer to a checked request goes."""
        return cls(issuer, client, request.redirect_uri, request.response_mode, request.state)


class Answers:
    """Makes answers."""

    def __init__(self, keys: Snapshots[str | None, IssuerKeys], clock: Clock) -> None:
        """Take what signs answers, and the time."""
        self._keys = keys
        self._clock = clock

    def code(self, to: Destination, code: str) -> ClientAnswer:
        """Return the answer that carries a code (RFC 6749 section 4.1.2)."""
        return self._answer(to, {"code": code})

    def error(self, to: Destination, error: OAuthError, *, acted: bool = False) -> ClientAnswer:
        """Return the answer that carries an error (section 4.1.2.1).

        `acted` says that the person saw a page on the way here, and did something there.
        """
        answer = self._answer(to, error.parameters())
        asks = not to.client.trusted and not acted
        return replace(answer, asks=Asks(to.client.name, error.error)) if asks else answer

    def _answer(self, to: Destination, said: Mapping[str, str]) -> ClientAnswer:
        state = {} if to.state is None else {"state": to.state}
        said = {**said, "iss": to.issuer.url, **state}
        registered = to.client.options.authorization_signed_response_alg
        mode, alg = jarm.carrier(to.response_mode, registered)
        if alg is not None:
            said = {"response": self._signed(to, alg, said)}
        return ClientAnswer(to.redirect_uri, mode, said)

    def _signed(self, to: Destination, alg: str, said: Mapping[str, str]) -> str:
        now, keys = self._clock.now(), self._keys.get(to.issuer.tenant_id)
        if keys is None:
            raise LookupError(f"no keys for issuer {to.issuer.url}")
        claims = jarm.response_claims(said, issuer=to.issuer.url, client_id=to.client.id, now=now)
        return keys.at(now).signing(alg).sign(jarm.TYPE, claims)
