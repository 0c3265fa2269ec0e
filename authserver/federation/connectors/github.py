"""GitHub, public or an Enterprise Server: OAuth 2 and an API, no ID token.

The key of a person is the base URL and the numeric id; user names change hands. The address is the
primary one, if GitHub has verified it, and no other.
"""

from collections.abc import Mapping
from dataclasses import replace

from authserver.core.net.email import EmailAddress
from authserver.federation.connectors import claims as said
from authserver.federation.connectors import client
from authserver.federation.connectors.base import (
    Answer,
    Callback,
    CannotAskAnew,
    Start,
    UpstreamDown,
    UpstreamRefused,
)
from authserver.federation.connectors.line import Line
from authserver.federation.connectors.oidc import Ours, Tools
from authserver.federation.values import Identity, Target, Tokens

SCOPES = ("read:user", "user:email")
ORGANIZATIONS_SCOPE = "read:org"
_OAUTH = "/login/oauth"
_PUBLIC = "https://github.com"
_RESIDENT = ".ghe.com"  # with data residency: the API has a host of its own, as the public one does


class GitHubConnector:
    """Speaks with GitHub."""

    def __init__(self, ours: Ours, tools: Tools) -> None:
        """Take what we have there; the base URL is the issuer of the key."""
        self.connection, self._tools = ours.connection, tools
        self._issuer, self._base = ours.base, ours.base.rstrip("/")
        self._api = api_of(self._base)
        scope = " ".join(self.scopes())
        self._us = client.Us(self.connection.client_id, ours.secret, scope, client.POST)

    def scopes(self) -> tuple[str, ...]:
        """Return what is asked for: organisations only where it matters who is in one."""
        asked = self.connection.scopes or SCOPES
        needs = self.connection.allowed and ORGANIZATIONS_SCOPE not in asked
        return (*asked, ORGANIZATIONS_SCOPE) if needs else asked

    def authorization_url(self, start: Start) -> str:
        """Return where to send the browser. Raises UpstreamDown."""
        if start.anew:
            raise CannotAskAnew("GitHub does not prove anew who somebody is")
        self._tools.open_line().check_open()
        endpoint = f"{self._base}{_OAUTH}/authorize"
        return client.authorization_url(self._us, endpoint, start, login=start.login_hint)

    def finish(self, callback: Callback) -> Answer:
        """Redeem the code and ask who it is. Raises UpstreamDown, UpstreamRefused."""
        if callback.issuer not in {None, self._issuer, f"{self._base}{_OAUTH}"}:
            raise UpstreamRefused("the response is of another provider")
        if callback.anew:
            raise UpstreamRefused("GitHub does not prove anew who somebody is")
        line = self._tools.open_line()
        tokens = client.redeem(self._us, line, self._token_endpoint, callback=callback).tokens
        person = self._person(line, tokens)
        groups = self._organizations(line, tokens)
        address = self._address(line, tokens)
        found = replace(person, email=address, email_verified=address is not None, groups=groups)
        return Answer(found, tokens)

    def refresh(self, refresh_token: str) -> Tokens:
        """Return new tokens; only GitHub Apps have them. Raises UpstreamDown, UpstreamRefused."""
        line = self._tools.open_line()
        return client.refreshed(self._us, line, self._token_endpoint, refresh_token=refresh_token)

    @property
    def _token_endpoint(self) -> str:
        return f"{self._base}{_OAUTH}/access_token"

    def _person(self, line: Line, tokens: Tokens) -> Identity:
        answer = line.read_as(f"{self._api}/user", tokens.access_token)
        if answer.is_refusal:
            raise UpstreamRefused(f"GitHub says nobody's name: status {answer.status}")
        number = answer.members.get("id")
        if type(number) is not int or number <= 0:
            raise UpstreamRefused("GitHub names nobody")
        return Identity(
            self._issuer,
            str(number),
            said.label(answer.members.get("login"), str(number)),
            name=said.name(answer.members.get(Target.NAME.value)),
        )

    def _address(self, line: Line, tokens: Tokens) -> EmailAddress | None:
        """Return the address that is primary and verified. Who keeps it back has none here."""
        answer = line.read_as(f"{self._api}/user/emails?per_page=100", tokens.access_token)
        if answer.is_refusal:
            return None
        if not isinstance(answer.content, list):
            raise UpstreamDown("GitHub's list of addresses is none")
        return next((said.email(one["email"]) for one in answer.content if _is_sure(one)), None)

    def _organizations(self, line: Line, tokens: Tokens) -> tuple[str, ...]:
        """Return those of the allowed organisations that somebody is an active member of."""
        allowed, found = self.connection.allowed, []
        for name in allowed:
            url = f"{self._api}/user/memberships/orgs/{name}"
            answer = line.read_as(url, tokens.access_token)
            if not answer.is_refusal and answer.members.get("state") == "active":
                found.append(name)
                if not self.connection.group_roles:
                    break
        if allowed and not found:
            raise UpstreamRefused("the organisation is not one that may come in")
        return tuple(found)


def api_of(base: str) -> str:
    """Return the base URL of the API that belongs to a GitHub."""
    if base == _PUBLIC or base.endswith(_RESIDENT):
        return base.replace("://", "://api.")
    return f"{base}/api/v3"


def _is_sure(one: object) -> bool:
    return (
        isinstance(one, Mapping)
        and one.get("primary") is True
        and one.get("verified") is True
        and isinstance(one.get("email"), str)
    )
