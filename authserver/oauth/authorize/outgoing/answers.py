"""The answers to clients: a code or an error, with `iss` in every one (RFC 9207)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from authserver.clients.registered import RegisteredClient
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.authorize.request import AuthorizationRequest, RawRequest
from authserver.oauth.errors import OAuthError
from authserver.tenants.resolve import Issuer


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

    def code(self, to: Destination, code: str) -> ClientAnswer:
        """Return the answer that carries a code (RFC 6749 section 4.1.2)."""
        return self._answer(to, {"code": code})

    def error(self, to: Destination, error: OAuthError) -> ClientAnswer:
        """Return the answer that carries an error (section 4.1.2.1)."""
        return self._answer(to, error.parameters())

    def _answer(self, to: Destination, said: Mapping[str, str]) -> ClientAnswer:
        state = {} if to.state is None else {"state": to.state}
        mode = to.response_mode if to.response_mode == "form_post" else "query"
        return ClientAnswer(to.redirect_uri, mode, {**said, "iss": to.issuer.url, **state})
