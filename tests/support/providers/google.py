"""Google's OpenID Connect as its guide shows it: other paths, `email_verified`, `hd`, `azp`."""

from dataclasses import replace
from typing import Any, ClassVar

from tests.support.clock import ManualClock
from tests.support.providers.openid import OpenId
from tests.support.providers.people import Grant, Person


class Google(OpenId):
    """accounts.google.com: numeric subjects, no `auth_time`, refresh tokens for offline access."""

    auth_methods = ("client_secret_post", "client_secret_basic")
    paths: ClassVar[dict[str, str]] = {
        "discovery": "/.well-known/openid-configuration",
        "jwks": "/oauth2/v3/certs",
        "authorize": "/o/oauth2/v2/auth",
        "token": "/token",
        "userinfo": "/v1/userinfo",
    }

    def new_subject(self, number: int) -> str:
        return str(110_169_484_474_386_276_334 + number)

    def document(self) -> dict[str, Any]:
        return {
            **super().document(),
            "device_authorization_endpoint": f"{self.url}/device/code",
            "revocation_endpoint": f"{self.url}/revoke",
            "response_types_supported": ["code", "token", "id_token", "code token", "none"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "scopes_supported": ["openid", "email", "profile"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "claims_supported": [
                "aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss",
                "name", "picture", "sub",
            ],
        }  # fmt: skip

    def about(self, person: Person, scopes: list[str]) -> dict[str, Any]:
        said = super().about(person, scopes)
        if "profile" in scopes:
            said |= {"given_name": person.name.partition(" ")[0], "picture": f"{self.url}/a.png"}
        return said | ({"hd": person.domain} if person.domain else {})

    def id_token(self, grant: Grant, access_token: str) -> str:
        asked = {name: value for name, value in grant.request.items() if name != "max_age"}
        person = replace(grant.person, claims={"azp": self.client_id, **grant.person.claims})
        return super().id_token(replace(grant, person=person, request=asked), access_token)

    def gives_refresh(self, grant: Grant) -> bool:
        return grant.request.get("access_type") == "offline"


def google(clock: ManualClock | None = None) -> Google:
    """Return a Google, to be used in `with`."""
    return Google(clock)
