"""What the specification tests share: a stage with one of each, and looks behind the curtain."""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from authserver.app import create_app
from authserver.clients.secrets import Plan
from tests.support.browser import ISSUER, Browser, Party
from tests.support.sql import executed
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

API = "https://api.example/"
OTHER_API = "https://billing.example/"


@dataclass
class Stage:
    """A tenant with one person and one client, on one database."""

    world: World
    tenant: TenantFixture
    person: UserFixture
    client: ClientFixture
    prefix: str = ""

    @property
    def party(self) -> Party:
        return Party(self.world, self.client, self.prefix)

    def browser(self) -> Browser:
        return Browser(self.world, self.prefix)

    def code(self, **parameters: Any) -> str:
        return self.browser().code(self.client, self.person, **parameters)

    def tokens(self, **parameters: Any) -> dict[str, Any]:
        """Sign in with a new browser and redeem the code."""
        answer = self.party.redeem(self.code(**parameters))
        assert answer.status_code == 200, answer.text
        return answer.json


def stage(world: World, kind: str = "web", **client: Any) -> Stage:
    tenant = world.tenant()
    return Stage(world, tenant, world.user(tenant, "admin"), world.client(tenant, kind, **client))


def tenant_stage(world: World, **client: Any) -> Stage:
    """The same at an issuer of the tenant's own."""
    tenant = world.tenant(own_issuer=True)
    person = world.user(tenant, "admin")
    registered = world.client(tenant, at_tenant_issuer=True, **client)
    return Stage(world, tenant, person, registered, f"/t/{tenant.slug}")


def machine(world: World, kind: str = "service", **client: Any) -> Party:
    return Party(world, world.client(world.tenant(), kind, **client))


def post(world: World, path: str, data: Any = None, **more: Any) -> TestResponse:
    return world.app.test_client().post(path, base_url=ISSUER, data=data, **more)


def get(world: World, path: str, **more: Any) -> TestResponse:
    return world.app.test_client().get(path, base_url=ISSUER, **more)


def error_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]


def part(token: str, index: int) -> dict[str, Any]:
    """Header (0) or claims (1) of a JWT, unverified."""
    encoded = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def encode(document: object) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pair() -> tuple[str, str]:
    """A new PKCE verifier and its challenge."""
    verifier = base64.urlsafe_b64encode(os.urandom(48)).decode()
    return verifier, encode(hashlib.sha256(verifier.encode()).digest())


def change(world: World, job: Callable[[Any], Any]) -> Any:
    """Do what an operator does, and let this process see it."""
    result = world.services.database.write(job)
    world.services.watch.changed()
    return result


def disable_person(world: World, person: UserFixture) -> None:
    actor = replace(world.operator, principal=person.tenant.id)
    change(
        world,
        lambda tx: world.services.accounts.set_enabled(
            tx, person.tenant.id, user_id=person.id, enabled=False, actor=actor
        ),
    )


def change_password(world: World, person: UserFixture) -> None:
    actor = replace(world.operator, principal=person.tenant.id)
    hashed = world.services.hasher.hash("Another-Horse-8")
    change(
        world,
        lambda tx: world.services.accounts.set_password(
            tx, person.tenant.id, user_id=person.id, password_hash=hashed, actor=actor
        ),
    )


def set_roles(world: World, person: UserFixture, *roles: str) -> None:
    actor = replace(world.operator, principal=person.tenant.id)
    change(
        world,
        lambda tx: world.services.roles.set_roles(
            tx, person.tenant.id, person.id, roles=list(roles), actor=actor
        ),
    )


def set_client(world: World, client: ClientFixture, *, enabled: bool) -> None:
    actor = replace(world.operator, principal=client.tenant.id)
    change(
        world,
        lambda tx: world.services.clients.set_enabled(
            tx, client.tenant.id, client.id, enabled=enabled, actor=actor
        ),
    )


def rotate_secret(world: World, client: ClientFixture, overlap: Any = None) -> str:
    actor = replace(world.operator, principal=client.tenant.id)
    return change(
        world,
        lambda tx: world.services.clients.rotate_secret(
            tx, client.tenant.id, client.id, plan=Plan(overlap), actor=actor
        )[1],
    )


def suspend(world: World, tenant: TenantFixture) -> None:
    change(world, lambda tx: world.services.tenants.suspend(tx, tenant.slug, world.operator))


def resume(world: World, tenant: TenantFixture) -> None:
    change(world, lambda tx: world.services.tenants.resume(tx, tenant.slug, world.operator))


def events(world: World, tenant: TenantFixture, type_: str) -> list[dict[str, Any]]:
    """The tenant's events of a type, oldest first."""
    query = text("SELECT body FROM audit_events WHERE tenant_id = :t AND type = :y ORDER BY id")
    with world.services.database.read() as view:
        rows = view.connection.execute(query, {"t": tenant.id, "y": type_}).scalars().all()
    return [json.loads(bytes(row)) for row in rows]


@contextmanager
def restarted(world: World, **settings: Any) -> Iterator[World]:
    """Another process over the same database: nothing in memory is carried over."""
    app = create_app(replace(world.services.settings, **settings), world.clock)
    other = World(app, world.clock)
    try:
        yield other
    finally:
        other.services.database.close()


def statements(world: World) -> AbstractContextManager[list[str]]:
    """Collect the SQL statements of the block."""
    return executed(world.services.database.engine)
