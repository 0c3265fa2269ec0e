"""Devices that register themselves: RFC 7591 beside RFC 8628."""

from collections.abc import Sequence
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.spec.devices import GRANT, Device, arrive, ask, decide
from tests.spec.tools import Stage, error_of
from tests.support.registering import Registrar, registrar
from tests.support.world import ClientFixture, World

pytestmark = pytest.mark.any_database


@pytest.fixture(name="at")
def _at(world: World) -> Registrar:
    return registrar(world, kinds=("device",))


def posted(at: Registrar, body: dict[str, Any]) -> TestResponse:
    return at.send("POST", "/oauth/register", at.token, body)


def device(grants: Sequence[str] = (GRANT, "refresh_token"), **more: Any) -> dict[str, Any]:
    asked = {"client_name": "Screen", "grant_types": list(grants), "redirect_uris": None, **more}
    return {name: value for name, value in asked.items() if value is not None}


@pytest.mark.rfc("RFC 7591 section 2")
@pytest.mark.rfc("RFC 8628 section 3.1")
def test_a_device_registers_and_is_connected_by_a_person(world: World, at: Registrar) -> None:
    answer = posted(at, device())
    assert answer.status_code == 201, answer.text
    told = answer.json
    assert (told["token_endpoint_auth_method"], told["response_types"]) == ("none", [])
    assert told["grant_types"] == [GRANT, "refresh_token"]
    assert not {"redirect_uris", "application_type", "client_secret"} & told.keys()
    person = world.user(at.tenant, "admin")
    client = ClientFixture(told["client_id"], None, at.tenant, "")
    on = Stage(world, at.tenant, person, client)
    screen = Device(on, ask(on, scope="openid profile").json)
    decide(browser := screen.browser(), arrive(browser, screen.given["user_code"], person))
    assert screen.later().json["id_token"]


@pytest.mark.rfc("RFC 7592 section 2.2")
def test_what_a_device_reads_it_may_write_back(at: Registrar) -> None:
    told = posted(at, device((GRANT,), token_endpoint_auth_method="client_secret_basic")).json
    assert told["client_secret"]
    ours = {"registration_access_token", "registration_client_uri", "client_secret_expires_at"}
    body = {n: v for n, v in told.items() if n not in {*ours, "client_id_issued_at"}}
    written = at.own("PUT", told, body)
    assert written.status_code == 200, written.text
    assert written.json["grant_types"] == [GRANT]


@pytest.mark.rfc("RFC 7591 section 3.2.2")
@pytest.mark.parametrize(
    "wrong",
    [
        {"grants": (GRANT, "client_credentials")},
        {"grants": (GRANT, "authorization_code")},
        {"grants": ("refresh_token",)},
        {"response_types": ["code"]},
        {"redirect_uris": ["https://tv.example/callback"]},
    ],
    ids=str,
)
def test_a_device_is_nothing_else_besides(at: Registrar, wrong: dict[str, Any]) -> None:
    status, error = error_of(posted(at, device(**wrong)))
    assert status == 400
    assert error in {"invalid_client_metadata", "invalid_redirect_uri"}


def test_devices_register_where_the_token_says_so_alone(world: World) -> None:
    refused = posted(registrar(world, kinds=("web",)), device())
    assert error_of(refused) == (400, "invalid_client_metadata")
