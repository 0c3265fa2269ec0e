"""Entra's v2.0 endpoints: a directory in every path, `tid`, `oid`, and the issuer's template."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.support.clock import ManualClock
from tests.support.providers.openid import OpenId
from tests.support.providers.people import Grant, Person
from tests.support.providers.server import Endpoint, Reply, reply

TEMPLATE = "{tenantid}"
SHARED = ("common", "organizations", "consumers")
_OPERATIONS = {
    "/v2.0/.well-known/openid-configuration": "discovery",
    "/discovery/v2.0/keys": "jwks",
    "/oauth2/v2.0/authorize": "authorize",
    "/oauth2/v2.0/token": "token",
}


class AzureAd(OpenId):
    """login.microsoftonline.com with several directories. A person belongs to `person.tenant`.

    `subject` is the `oid`; the `sub` is another one, as it is for each application. `email` is
    whatever the directory's administrator wrote, `xms_edov` is only said where a test puts it into
    `person.claims`.
    """

    says_iss = False
    auth_methods = ("client_secret_post", "private_key_jwt", "client_secret_basic")

    def __init__(self, clock: ManualClock | None = None) -> None:
        super().__init__(clock)
        self.tenant = self.new_tenant(1)
        self.key_issuer = f"{self.url}/{TEMPLATE}/v2.0"

    def new_tenant(self, number: int) -> str:
        """Return the id of a directory."""
        return str(UUID(int=0x8EABEF03_6F13_42C4_A6F7_000000000000 + number))

    def new_subject(self, number: int) -> str:
        return str(UUID(int=0x00000000_0000_4000_8000_AA0000000000 + number))

    def person(self, **known: Any) -> Person:
        return super().person(**{"tenant": self.tenant, **known})

    def authorize_urls(self) -> list[str]:
        tenants = (*SHARED, self.tenant, *(one.tenant for one in self.people))
        return [f"{self.url}/{tenant}/oauth2/v2.0/authorize" for tenant in tenants]

    def issuer_of(self, tenant: str) -> str:
        return f"{self.url}/{tenant}/v2.0"

    def endpoint(self, method: str, path: str) -> tuple[str, Endpoint] | None:
        if path == "/oidc/userinfo":
            return "userinfo", self._userinfo
        tenant, slash, rest = path.lstrip("/").partition("/")
        name = _OPERATIONS.get(slash + rest)
        if name == "discovery":
            return name, lambda _: self._of_tenant(tenant)
        if name is None or (name == "token") != (method == "POST"):
            return None
        return name, getattr(self, f"_{name}")

    def _of_tenant(self, tenant: str) -> Reply:
        said = {**self.document(), **self.metadata}
        there = {name: _put(value, tenant) for name, value in said.items() if value is not None}
        issuer = self.issuer_of(TEMPLATE if tenant in SHARED else tenant)
        return reply({**there, "issuer": self.metadata.get("issuer", issuer)})

    def document(self) -> dict[str, Any]:
        there = f"{self.url}/TENANT"
        return {
            "token_endpoint": f"{there}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": list(self.auth_methods),
            "jwks_uri": f"{there}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": f"{self.url}/oidc/userinfo",
            "authorization_endpoint": f"{there}/oauth2/v2.0/authorize",
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "end_session_endpoint": f"{there}/oauth2/v2.0/logout",
            "tenant_region_scope": None,
            "cloud_instance_name": "microsoftonline.com",
        }

    def key(self) -> dict[str, Any]:
        """Return the key without `alg`, with the issuer that it signs for, as Entra does."""
        known = {name: value for name, value in super().key().items() if name != "alg"}
        return {**known, "x5t": self.kid, "issuer": self.key_issuer}

    def about(self, person: Person, scopes: list[str]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if "profile" in scopes:
            user_name = person.user_name or person.email or "someone@contoso.onmicrosoft.com"
            said |= {"name": person.name, "preferred_username": user_name}
        if "email" in scopes and person.email:
            said["email"] = person.email
        return said

    def subject_of(self, person: Person) -> str:
        return f"pairwise-{person.subject}"

    def id_token(self, grant: Grant, access_token: str) -> str:
        own = {
            "iss": self.issuer_of(grant.person.tenant),
            "tid": grant.person.tenant,
            "oid": grant.person.subject,
            "nbf": self.now,
            "rh": "0.AX",
            "uti": "uti",
            "ver": "2.0",
            "at_hash": None,
            **grant.person.claims,
        }
        person = replace(grant.person, claims=own)
        return super().id_token(replace(grant, person=person), access_token)


def azure_ad(clock: ManualClock | None = None) -> AzureAd:
    """Return an Entra, to be used in `with`."""
    return AzureAd(clock)


def _put(value: object, tenant: str) -> object:
    return value.replace("/TENANT/", f"/{tenant}/") if isinstance(value, str) else value
