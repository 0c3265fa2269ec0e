"""What a client asks for when somebody signs out there (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.jose import InvalidToken
from authserver.oauth.client_auth.authenticate import find
from authserver.tenants.resolve import Issuer
from authserver.tokens.calendar import IssuerKeys

HINT, CLIENT, BACK, STATE = "id_token_hint", "client_id", "post_logout_redirect_uri", "state"
LOCALES = "ui_locales"
# What a page between here and the way back carries. The ID token is not among it.
_CARRIED = (CLIENT, BACK, STATE, LOCALES)
PARAMETERS = (HINT, *_CARRIED)  # what is understood

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class WayBack:
    """Where the browser goes afterwards: an address that the client registered, letter by letter.

    The state comes back unchanged (section 3).
    """

    client: RegisteredClient
    uri: str
    state: str | None

    @property
    def carried(self) -> Parameters:
        """Return what says the same to the next page."""
        state = {} if self.state is None else {STATE: self.state}
        return {CLIENT: self.client.id, BACK: self.uri, **state}

    @property
    def location(self) -> str:
        """Return the URL to go to."""
        if self.state is None:
            return self.uri
        separator = "&" if "?" in self.uri else "?"
        return f"{self.uri}{separator}{urlencode({STATE: self.state})}"


@dataclass(frozen=True)
class LogoutRequest:
    """A request, checked. `sid` is of an ID token that we signed: nothing else proves it.

    `misfit` says why it is not followed to the letter: the person is asked, and stays here.
    """

    client: RegisteredClient | None = None
    sid: str | None = None
    back: WayBack | None = None
    misfit: str | None = None
    carried: Parameters = field(default_factory=dict)  # for the next page

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the languages that the client asked for."""
        return tuple(self.carried.get(LOCALES, "").split())


class LogoutRequests:
    """Reads requests, and the ID tokens in them."""

    def __init__(
        self, clients: Snapshots[str, RegisteredClient], keys: Snapshots[str | None, IssuerKeys]
    ) -> None:
        """Take what knows clients and the keys of issuers."""
        self._clients = clients
        self._keys = keys

    def read(self, issuer: Issuer, given: Parameters) -> LogoutRequest:
        """Return what the parameters ask for; whatever is wrong with them is in `misfit`."""
        carried = {name: given[name] for name in _CARRIED if name in given}
        named, hint = given.get(CLIENT), given.get(HINT)
        claims: Mapping[str, Any] = {}
        if hint is not None:
            try:
                claims = self._claims(hint, issuer, named)
            except InvalidToken as error:
                return LogoutRequest(misfit=f"hint: {error}", carried=_without_way(carried))
            carried[CLIENT] = named = str(claims["azp"])
        client = find(self._clients, issuer, named) if named else None
        if client is None or not client.usable:
            wrong = "client" if named or BACK in given else None
            return LogoutRequest(misfit=wrong, carried=_without_way(carried))
        uri = given.get(BACK)
        if uri is not None and uri not in client.options.post_logout_redirect_uris:
            return LogoutRequest(client, misfit="address", carried=_without_way(carried))
        back = WayBack(client, uri, given.get(STATE)) if uri else None
        return LogoutRequest(client, claims.get("sid"), back, carried=carried)

    def _claims(self, hint: str, issuer: Issuer, named: str | None) -> Mapping[str, Any]:
        """Return what an ID token of ours says, however long it has expired (section 2)."""
        keys = self._keys.get(issuer.tenant_id)
        if keys is None:
            raise InvalidToken("the issuer has no keys")
        claims = keys.id_tokens.read(hint)
        if claims["iss"] != issuer.url:
            raise InvalidToken("another issuer")
        if named is not None and named != claims["azp"]:
            raise InvalidToken("the ID token is of another client")
        return claims


def _without_way(carried: Parameters) -> Parameters:
    """Return what is carried where there is no way back."""
    return {name: value for name, value in carried.items() if name == LOCALES}
