"""A service that exchanges the token which an application got."""

from dataclasses import dataclass, replace
from typing import Any

from werkzeug.test import TestResponse

from authserver.oauth.exchange.service import Allowed
from tests.spec.tools import (
    API,
    OTHER_API,
    Stage,
    change,
    stage,
)
from tests.support.browser import Party
from tests.support.world import ClientFixture, TenantFixture, World

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
ID = "urn:ietf:params:oauth:token-type:id_token"
BOTH = ("impersonation", "delegation")


def allow(
    world: World,
    client: ClientFixture,
    subject: ClientFixture,
    *ways: str,
    audiences: tuple[str, ...] = (OTHER_API,),
) -> None:
    actor = replace(world.operator, principal=client.tenant.id)
    wanted = Allowed(client.id, subject.id, audiences, ways or BOTH)
    change(
        world,
        lambda tx: world.services.exchanges.allow(tx, client.tenant.id, wanted, actor=actor),
    )


def forbid(world: World, client: ClientFixture, subject: ClientFixture) -> None:
    actor = replace(world.operator, principal=client.tenant.id)
    change(
        world,
        lambda tx: world.services.exchanges.forbid(
            tx, client.tenant.id, client.id, subject_client_id=subject.id, actor=actor
        ),
    )


def exchange(party: Party, token: str, kind: str = ACCESS, **form: Any) -> TestResponse:
    asked = {"grant_type": GRANT, "subject_token": token, "subject_token_type": kind}
    return party.send("token", {**asked, **form})


@dataclass
class Chain:
    """An application, the service that its token is for, and one behind that."""

    on: Stage
    service: Party
    token: str

    def exchange(self, **form: Any) -> TestResponse:
        return exchange(self.service, self.token, **form)


def chain(world: World, tenant: TenantFixture | None = None, *ways: str) -> Chain:
    on = stage(world, audiences=[API])
    service = Party(world, world.client(tenant or on.tenant, "service", audiences=[API]))
    allow(world, service.client, on.client, *ways)
    return Chain(on, service, on.tokens()["access_token"])


def active(party: Party, token: str) -> bool:
    return party.introspect(token).json["active"]
