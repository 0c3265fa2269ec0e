"""GitHub's OAuth as its documents show it, with everything in which it differs from OAuth 2.0."""

from typing import Any
from urllib.parse import urlencode

from tests.support.clock import ManualClock
from tests.support.providers.people import Person
from tests.support.providers.server import FORM, JSON, Asked, Endpoint, Provider, Reply, reply

_MEMBERSHIPS = "/user/memberships/orgs/"
_HELP = "https://docs.github.com/apps/troubleshooting-oauth-app-access-token-request-errors/"


class GitHub(Provider):
    """github.com, or an Enterprise Server: its API is at the root and below /api/v3.

    Subjects are numbers. `person.emails` lists (address, primary, verified); without it, `email` is
    the one address, primary, and verified as `email_verified` says. `expires` gives tokens that end
    and refresh tokens, as GitHub Apps do. `error` is answered by the token endpoint, with status
    200. `answers_form` ignores what was asked for and answers as a form.
    """

    def __init__(self, clock: ManualClock | None = None) -> None:
        super().__init__(clock)
        self.expires = False
        self.error = ""
        self.answers_form = False

    @property
    def issuer(self) -> str:
        return self.url

    def new_subject(self, number: int) -> str:
        return str(583_230 + number)

    def person(self, **known: Any) -> Person:
        number = len(self.people) + 1
        return super().person(**{"user_name": f"octocat-{number}", **known})

    def authorize_urls(self) -> list[str]:
        return [f"{self.url}/login/oauth/authorize"]

    def authorized(self, request: dict[str, str], person: Person | None = None) -> str:
        """GitHub does not ask for `response_type`."""
        return super().authorized({"response_type": "code", **request}, person)

    def endpoint(self, method: str, path: str) -> tuple[str, Endpoint] | None:
        if (method, path) == ("POST", "/login/oauth/access_token"):
            return "token", self._token
        if method != "GET":
            return None
        if path == "/login/oauth/authorize":
            return "authorize", self._authorize
        path = path.removeprefix("/api/v3")
        if path.startswith(_MEMBERSHIPS):
            return "membership", lambda asked: self._membership(asked, path)
        found = {"/user": ("user", self._user), "/user/emails": ("emails", self._emails)}
        return found.get(path)

    def _authorize(self, asked: Asked) -> Reply:
        return Reply(302, headers={"location": self.authorized(asked.given)})

    def _token(self, asked: Asked) -> Reply:
        said = self._tokens(asked)
        wants_json = JSON in asked.headers.get("accept", "") and not self.answers_form
        if wants_json:
            return reply(said)
        return Reply(200, urlencode(said).encode(), f"{FORM}; charset=utf-8")

    def _tokens(self, asked: Asked) -> dict[str, Any]:
        form = asked.given
        if self.error:
            return _error(self.error, "The error that the test asked for.")
        if not self.is_client(asked):
            return _error(
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect.",
            )
        if form.get("grant_type") == "refresh_token":
            grant = self.vault.take(form.get("refresh_token", ""))
            wrong = _error("bad_refresh_token", "The refresh token passed is incorrect or expired.")
        else:
            grant = self.redeemed(form)
            wrong = _error("bad_verification_code", "The code passed is incorrect or expired.")
        if grant is None:
            return wrong
        said = {
            "access_token": self.vault.keep(grant, "gho_"),
            "scope": ",".join(grant.scopes),
            "token_type": "bearer",
        }
        if self.expires:
            said |= {"expires_in": 28800, "refresh_token": self.vault.keep(grant, "ghr_")}
            said |= {"refresh_token_expires_in": 15897600}
        return said

    def _user(self, asked: Asked) -> Reply:
        grant = self.bearer(asked)
        if grant is None:
            return reply({"message": "Bad credentials", "documentation_url": _HELP}, 401)
        person = grant.person
        return reply(
            {
                "login": person.user_name,
                "id": int(person.subject),
                "node_id": "MDQ6VXNlcjE=",
                "url": f"{self.url}/users/{person.user_name}",
                "type": "User",
                "name": person.name or None,
                "email": None,
                **person.claims,
            }
        )

    def _emails(self, asked: Asked) -> Reply:
        grant = self.bearer(asked)
        if grant is None:
            return reply({"message": "Requires authentication", "documentation_url": _HELP}, 401)
        if "user:email" not in grant.scopes:
            return reply({"message": "Not Found", "documentation_url": _HELP}, 404)
        person = grant.person
        known = person.emails
        if known is None:
            known = [(person.email, True, person.email_verified)] if person.email else []
        return reply(
            [
                {
                    "email": address,
                    "primary": primary,
                    "verified": verified,
                    "visibility": "private" if primary else None,
                }
                for address, primary, verified in known
            ]
        )

    def _membership(self, asked: Asked, path: str) -> Reply:
        grant, name = self.bearer(asked), path.removeprefix(_MEMBERSHIPS)
        if grant is None:
            return reply({"message": "Requires authentication"}, 401)
        if "read:org" not in grant.scopes:
            return reply({"message": "You need at least read:org scope"}, 403)
        known = {one.lower(): state for one, state in grant.person.organizations.items()}
        state = known.get(name.lower())
        if state is None:
            return reply({"message": "Not Found"}, 404)
        organization = {"login": name, "id": 1}
        return reply({"state": state, "role": "member", "organization": organization})


def github(clock: ManualClock | None = None) -> GitHub:
    """Return a GitHub, to be used in `with`."""
    return GitHub(clock)


def _error(code: str, description: str) -> dict[str, Any]:
    return {"error": code, "error_description": description, "error_uri": f"{_HELP}#{code}"}
