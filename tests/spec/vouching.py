"""An issuer that vouches, and a client that brings its assertions."""

import os
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.test import TestResponse

from authserver.core.clock import epoch
from authserver.core.jose import SigningKey, generate_private_key
from authserver.oauth.assertions.values import SubjectKind, Trusted
from tests.spec.tools import (
    API,
    change,
)
from tests.support.browser import ISSUER, Party
from tests.support.world import ClientFixture, TenantFixture, World

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
VOUCHER = "https://ci.example"
SUB = "repo:acme/shop:main"


@dataclass
class Vouching:
    """An issuer, its key, and a client that brings its assertions."""

    world: World
    party: Party
    key: SigningKey
    trusted: Trusted

    @property
    def tenant(self) -> TenantFixture:
        return self.party.client.tenant

    def assertion(self, typ: str = "JWT", **claims: Any) -> str:
        now = epoch(self.world.clock.now())
        said = {
            "iss": self.trusted.issuer,
            "sub": SUB,
            "aud": ISSUER,
            "jti": os.urandom(8).hex(),
            "iat": now,
            "exp": now + 60,
            **claims,
        }
        return self.key.sign(
            typ, {name: value for name, value in said.items() if value is not None}
        )

    def bring(self, assertion: str | None = None, **form: Any) -> TestResponse:
        asked = {"grant_type": GRANT, "assertion": assertion or self.assertion()}
        return self.party.send("token", {**asked, **form})


def trust(world: World, client: ClientFixture, key: SigningKey, **more: Any) -> Trusted:
    values: dict[str, Any] = {
        "name": "ci",
        "issuer": VOUCHER,
        "subject": SubjectKind.CLIENT,
        "jwks": {"keys": [key.public_jwk]},
        "clients": (client.id,),
        "scopes": ("orders:read",),
        "subjects": {SUB: client.id},
        **more,
    }
    if values["jwks"] is None:
        values.pop("jwks")
    if values["subject"] is not SubjectKind.CLIENT:
        values["subjects"] = {}
    actor = replace(world.operator, principal=client.tenant.id)
    wanted = Trusted(**values)
    return change(
        world,
        lambda tx: world.services.assertions.create(tx, client.tenant.id, wanted, actor=actor),
    )


def amend(ours: Vouching, **changes: Any) -> None:
    actor = replace(ours.world.operator, principal=ours.tenant.id)
    change(
        ours.world,
        lambda tx: ours.world.services.assertions.change(
            tx, ours.tenant.id, "ci", changes=changes, actor=actor
        ),
    )


def vouching(world: World, kind: str = "service", **more: Any) -> Vouching:
    key = SigningKey(generate_private_key("ES256"), "ES256")
    client = world.client(world.tenant(), kind, audiences=[API])
    return Vouching(world, Party(world, client), key, trust(world, client, key, **more))
