"""Who calls the administration API in tests: people by roles, and machines by scopes."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from authserver.admin.caller import API
from authserver.api_keys.policy import MOST_SCOPES
from authserver.api_keys.service import NewKey
from authserver.audit.events import Actor
from authserver.core.ids import new_id
from authserver.roles.catalogue import Permission
from tests.spec.tools import Stage
from tests.support.browser import ISSUER, Party
from tests.support.world import TenantFixture, World

AUDIENCE = f"{ISSUER}{API}"
OTHER = "https://api.example/"
EVERYTHING = [permission.value for permission in Permission]


@dataclass
class Caller:
    """Somebody with an access token for the API."""

    world: World
    tenant: TenantFixture
    token: str
    stage: Stage | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.app.test_client().open(
            f"{API}{path}",
            method=method,
            base_url=ISSUER,
            json=body,
            headers={"Authorization": f"Bearer {self.token}", **sent},
        )


def person(
    world: World,
    *roles: str,
    kind: str = "internal",
    scopes: list[str] | None = None,
    tenant: TenantFixture | None = None,
) -> Caller:
    """Sign somebody with these roles in, to an application that asks for every permission."""
    asked = EVERYTHING if scopes is None else scopes
    tenant = tenant or world.tenant(kind)
    user = world.user(tenant, *roles)
    client = world.client(tenant, scopes=["openid", *asked], audiences=[OTHER, AUDIENCE])
    on = Stage(world, tenant, user, client)
    token = on.tokens(scope=" ".join(["openid", *asked]), resource=AUDIENCE)["access_token"]
    return Caller(world, tenant, token, on)


def program(world: World, *scopes: str, kind: str = "internal") -> Caller:
    """Return a machine with these scopes."""
    tenant = world.tenant(kind)
    client = world.client(tenant, "service", scopes=list(scopes), audiences=[AUDIENCE])
    answer = Party(world, client).machine()
    return Caller(world, tenant, answer.json["access_token"])


def with_key(
    world: World, *roles: str, kind: str = "internal", scopes: list[str] | None = None
) -> Caller:
    """Return somebody with these roles who calls by an API key: with all they may, or these."""
    tenant = world.tenant(kind)
    user = world.user(tenant, *roles)
    keys = world.services.api_keys.service

    def job(transaction: Any) -> str:
        choices = keys.choices(transaction, tenant.id, user.id)
        asked = choices.permissions if scopes is None else scopes
        new = NewKey("Tests", tuple(asked[:MOST_SCOPES]))
        by = Actor("user", user.id, new_id("cor"))
        return keys.for_person(transaction, new, tenant_id=tenant.id, user_id=user.id, actor=by)[1]

    return Caller(world, tenant, world.services.database.write(job))
