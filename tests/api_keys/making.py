"""Keys that tests make by the service, and what presents them."""

from dataclasses import dataclass, replace
from typing import Any

from werkzeug.test import TestResponse

from authserver.admin.caller import API
from authserver.api_keys.service import NewKey
from authserver.audit.events import Actor
from authserver.core.ids import new_id
from tests.support.browser import ISSUER, Party
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World


@dataclass
class Key:
    """A key, and its text."""

    world: World
    id: str
    text: str
    tenant: TenantFixture

    def call(self, path: str, *, method: str = "GET", address: str = "192.0.2.7") -> TestResponse:
        """Ask the administration API with it."""
        return self.world.app.test_client().open(
            f"{API}{path}",
            method=method,
            base_url=ISSUER,
            environ_overrides={"REMOTE_ADDR": address},
            headers={"Authorization": f"Bearer {self.text}"},
        )

    def own_tenant(self, **more: Any) -> int:
        """Return the status of a call that needs `tenants:read`."""
        return self.call(f"/tenants/{self.tenant.id}", **more).status_code

    def seen_by(self, service: ClientFixture, **more: Any) -> dict[str, Any]:
        """Return what a service learns of it."""
        return Party(self.world, service).introspect(self.text, **more).json

    def revoke(self) -> None:
        parts, actor = self.world.services.api_keys, replace(self.world.operator)
        by = replace(actor, principal=self.tenant.id)
        self.world.services.database.write(
            lambda tx: parts.service.revoke(tx, self.tenant.id, self.id, actor=by)
        )


def of_person(world: World, user: UserFixture, *scopes: str, **more: Any) -> Key:
    new = NewKey(more.pop("name", "Reports"), scopes, **more)
    by = Actor("user", user.id, new_id("cor"), "192.0.2.1", "Firefox/120 Linux")
    row = world.services.database.write(
        lambda tx: _made(
            world.services.api_keys.service.for_person(
                tx, new, tenant_id=user.tenant.id, user_id=user.id, actor=by
            )
        )
    )
    return Key(world, *row, user.tenant)


def of_service(world: World, client: ClientFixture, *scopes: str, **more: Any) -> Key:
    giver = more.pop("giver", None)
    new = NewKey(more.pop("name", "Import"), scopes, **more)
    by = replace(world.operator, principal=client.tenant.id)
    row = world.services.database.write(
        lambda tx: _made(
            world.services.api_keys.service.for_service(
                tx, new, tenant_id=client.tenant.id, client_id=client.id, actor=by, giver=giver
            )
        )
    )
    return Key(world, *row, client.tenant)


def _made(made: tuple[Any, str]) -> tuple[str, str]:
    row, text = made
    return row.id, text
