"""Everything that is good once, or for one purpose, presented where something else is expected.

One client has every grant, so that nothing but the object itself is what refuses.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.clients.models import Client
from authserver.core.clock import epoch
from authserver.core.jose import SigningKey, generate_private_key
from authserver.oauth.token.grants import GRANTS
from authserver.tenants.service import bump_snapshots
from tests.spec.devices import arrive, decide, somewhere
from tests.spec.exchanging import ACCESS, ID, allow
from tests.spec.tools import API, Stage, change, stage
from tests.spec.vouching import trust
from tests.support.browser import ISSUER, VERIFIER, Party
from tests.support.world import ClientFixture, World

pytestmark = pytest.mark.every_database

Consumer = Callable[[str], TestResponse]
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT = "urn:ietf:params:oauth:grant-type:"


@dataclass
class Everything:
    """The objects by name, and who takes one."""

    on: Stage
    objects: dict[str, str]
    consumers: dict[str, Consumer]
    right: dict[str, set[str]]


def give_every_grant(world: World, client: ClientFixture) -> None:
    def job(tx: Any) -> None:
        row = tx.tenant(client.tenant.id).scalar(select(Client).where(Client.id == client.id))
        row.grant_types = list(GRANTS)
        row.version += 1
        bump_snapshots(tx)

    change(world, job)


def consumers(on: Stage, prover: ClientFixture) -> dict[str, Consumer]:
    party = on.party

    def grant(name: str, parameter: str, **more: str) -> Consumer:
        return lambda value: party.send("token", {"grant_type": name, parameter: value, **more})

    def proof(value: str) -> TestResponse:
        form = {
            "grant_type": "client_credentials",
            "client_id": prover.id,
            "client_assertion": value,
            "client_assertion_type": CLIENT_ASSERTION,
        }
        return party.http.post("/oauth/token", base_url=ISSUER, data=form)

    def entered(value: str) -> TestResponse:
        browser = somewhere(on.world)
        return browser.submit(browser.get("/device"), user_code=value)

    return {
        "code": grant(
            "authorization_code",
            "code",
            redirect_uri=on.client.redirect_uri,
            code_verifier=VERIFIER,
        ),
        "refresh": grant("refresh_token", "refresh_token"),
        "device": grant(f"{GRANT}device_code", "device_code"),
        "exchange": grant(f"{GRANT}token-exchange", "subject_token", subject_token_type=ACCESS),
        "exchange of ID token": grant(
            f"{GRANT}token-exchange", "subject_token", subject_token_type=ID
        ),
        "assertion": grant(f"{GRANT}jwt-bearer", "assertion"),
        "client assertion": proof,
        "user code": entered,
        "userinfo": party.userinfo,
        "flow": lambda value: on.browser().get("/oauth/authorize", query_string={"flow": value}),
    }


def signed(key: SigningKey, **claims: Any) -> str:
    return key.sign("JWT", {"jti": os.urandom(8).hex(), **claims})


@pytest.fixture(name="all_")
def _everything(world: World) -> Everything:
    """The same key signs for the issuer and for a client that proves itself by assertions."""
    on = stage(world, audiences=[API])
    key = SigningKey(generate_private_key("ES256"), "ES256")
    jwks = {"keys": [key.public_jwk]}
    prover = world.client(on.tenant, "service", auth_method="private_key_jwt", jwks=jwks)
    trust(world, on.client, key)
    allow(world, on.client, on.client)
    give_every_grant(world, on.client)
    tokens = on.tokens()
    given = on.party.send("device_authorization", {"scope": "openid orders:read"}).json
    waiting = on.party.send("device_authorization", {"scope": "openid orders:read"}).json
    helper = somewhere(world)
    decide(helper, arrive(helper, given["user_code"], on.person))
    now = epoch(world.clock.now())
    mine = {"aud": ISSUER, "iat": now, "exp": now + 60}
    asked = on.browser().authorize(on.client)
    objects = {
        "code": on.code(),
        "refresh token": tokens["refresh_token"],
        "access token": tokens["access_token"],
        "ID token": tokens["id_token"],
        "device code": given["device_code"],
        "user code": waiting["user_code"],
        "assertion": signed(key, iss="https://ci.example", sub="repo:acme/shop:main", **mine),
        "client assertion": signed(key, iss=prover.id, sub=prover.id, **mine),
        "flow": asked.headers["Location"].partition("flow=")[2],
        "client secret": str(on.client.secret),
    }
    right = {
        "code": {"code"},
        "refresh": {"refresh token"},
        "device": {"device code"},
        "exchange": {"access token"},
        "exchange of ID token": {"ID token"},
        "assertion": {"assertion"},
        "client assertion": {"client assertion"},
        "user code": {"user code"},
        "userinfo": {"access token"},
        "flow": set(),
    }
    return Everything(on, objects, consumers(on, prover), right)


@pytest.mark.attack("ATK-043")
@pytest.mark.bcp("R-15")
def test_nothing_is_taken_for_something_else_and_nothing_is_used_up(all_: Everything) -> None:
    taken = {
        (consumer, name): answer.status_code
        for consumer, present in all_.consumers.items()
        for name, value in all_.objects.items()
        if name not in all_.right[consumer]
        for answer in [present(value)]
        if answer.status_code not in {400, 401}
    }
    assert taken == {}
    for consumer in reversed(all_.consumers):
        for name in all_.right[consumer]:
            answer = all_.consumers[consumer](all_.objects[name])
            assert answer.status_code in {200, 303}, (consumer, answer.text)


@pytest.mark.bcp("R-40")
def test_what_is_no_token_is_inactive_and_revoked_in_vain(all_: Everything) -> None:
    party: Party = all_.on.party
    for name, value in all_.objects.items():
        if name not in {"access token", "refresh token"}:
            assert party.introspect(value).json == {"active": False}, name
            assert party.revoke(value).status_code == 200, name
    assert all_.consumers["code"](all_.objects["code"]).status_code == 200
    assert all_.consumers["device"](all_.objects["device code"]).status_code == 200
