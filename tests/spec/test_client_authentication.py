"""How clients prove who they are: RFC 6749 section 2.3, RFC 7523, OpenID Connect Core section 9."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.spec.assertions import ASSERTION_TYPE, KeyPair, assertion
from tests.spec.tools import error_of, events, post, rotate_secret
from tests.support.world import ClientFixture, World

INVALID_CLIENT = (401, "invalid_client")
MACHINE = {"grant_type": "client_credentials"}


@pytest.fixture(name="client")
def _client(world: World) -> ClientFixture:
    return world.client(world.tenant(), "service")


def basic(world: World, user: str, password: str, **form: Any) -> TestResponse:
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}"}
    return post(world, "/oauth/token", {**MACHINE, **form}, headers=headers)


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 9")
@pytest.mark.bcp("R-29")
def test_basic_credentials_are_form_decoded(world: World, client: ClientFixture) -> None:
    encoded = "".join(f"%{ord(c):02X}" for c in client.secret)
    assert basic(world, client.id, client.secret).status_code == 200
    assert basic(world, client.id, encoded).status_code == 200
    assert basic(world, quote(client.id.replace("_", "%5F"), safe="%"), encoded).status_code == 200
    assert error_of(basic(world, client.id, client.secret + "%")) == INVALID_CLIENT
    assert error_of(basic(world, client.id, client.secret + "%2")) == INVALID_CLIENT


@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC", "bAsIc"])
def test_the_scheme_is_case_insensitive(world: World, client: ClientFixture, scheme: str) -> None:
    value = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    headers = {"Authorization": f"{scheme} {value}"}
    assert post(world, "/oauth/token", MACHINE, headers=headers).status_code == 200


@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize(
    "header",
    [
        *("Basic", "Basic ", "Basic !!!", "Basic YQ", "Basic YWI=", "Basic Og==", "Basic YTo="),
        *("Basic /w==", "Basic AAA6AAA=", "Basic " + "A" * 8000, "Bearer x", "Digest x", "x"),
        "Basic " + base64.b64encode(b"cli\x00:secret").decode(),
        "Basic " + base64.b64encode(b"cli%00:secret").decode(),
        "Basic " + base64.b64encode(b"cli%ED%A0%80:secret").decode(),
        "Basic " + base64.b64encode("cli\U0001f600:secret".encode()).decode(),
        "Basic " + base64.b64encode(b"x" * 5000 + b":secret").decode(),
    ],
)
def test_malformed_credentials_are_invalid_client_with_a_challenge(
    world: World, header: str
) -> None:
    answer = post(world, "/oauth/token", MACHINE, headers={"Authorization": header})
    assert error_of(answer) == INVALID_CLIENT
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("secret", ["", "wrong", "cs_" + "A" * 43, " ", "null"])
def test_a_wrong_secret_is_refused_and_recorded(
    world: World, client: ClientFixture, secret: str
) -> None:
    assert error_of(basic(world, client.id, secret)) == INVALID_CLIENT
    assert error_of(basic(world, client.id, client.secret.lower())) == INVALID_CLIENT
    recorded = events(world, client.tenant, "client.authentication_failed")
    assert len(recorded) == 2
    assert client.secret not in str(recorded)


@pytest.mark.bcp("R-29")
def test_an_unknown_client_and_a_wrong_secret_look_alike(
    world: World, client: ClientFixture
) -> None:
    wrong = basic(world, client.id, "wrong")
    unknown = basic(world, "cli_01h455vb4pex5vsknk084sn02q", "wrong")
    assert wrong.data == unknown.data
    assert wrong.headers["WWW-Authenticate"] == unknown.headers["WWW-Authenticate"]


@pytest.mark.bcp("R-29")
def test_post_credentials_work_only_where_registered(world: World) -> None:
    tenant = world.tenant()
    basic_client = world.client(tenant, "service")
    post_client = world.client(tenant, "service", auth_method="client_secret_post")
    for client, status in ((basic_client, 401), (post_client, 200)):
        form = {**MACHINE, "client_id": client.id, "client_secret": client.secret}
        assert post(world, "/oauth/token", form).status_code == status
    assert error_of(basic(world, post_client.id, post_client.secret)) == INVALID_CLIENT
    form = {**MACHINE, "client_secret": post_client.secret}
    assert post(world, "/oauth/token", form).status_code in {400, 401}


@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_a_confidential_client_cannot_pass_as_a_public_one(
    world: World, client: ClientFixture, endpoint: str
) -> None:
    form = {**MACHINE, "token": "x", "client_id": client.id}
    assert error_of(post(world, f"/oauth/{endpoint}", form)) == INVALID_CLIENT
    assert error_of(post(world, f"/oauth/{endpoint}", {**form, "client_secret": ""})) == (
        INVALID_CLIENT
    )


@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
def test_nobody_is_not_a_client(world: World, endpoint: str) -> None:
    form = {**MACHINE, "token": "x"}
    assert error_of(post(world, f"/oauth/{endpoint}", form)) == INVALID_CLIENT
    form["client_id"] = "cli_unknown"
    assert error_of(post(world, f"/oauth/{endpoint}", form)) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_a_public_client_with_a_secret_is_refused(world: World) -> None:
    spa = world.client(world.tenant(), "spa")
    assert error_of(basic(world, spa.id, "anything")) == INVALID_CLIENT
    assert error_of(basic(world, spa.id, "")) == INVALID_CLIENT
    form = {**MACHINE, "client_id": spa.id, "client_secret": "anything"}
    assert error_of(post(world, "/oauth/token", form)) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_one_request_uses_one_method(world: World, client: ClientFixture) -> None:
    auth = (client.id, client.secret)
    key = KeyPair()
    jwt = assertion(world, key, client.id)
    both = {
        "basic and post": ({"client_id": client.id, "client_secret": client.secret}, auth),
        "basic and jwt": ({"client_assertion": jwt, "client_assertion_type": ASSERTION_TYPE}, auth),
        "post and jwt": (
            {
                "client_id": client.id,
                "client_secret": client.secret,
                "client_assertion": jwt,
                "client_assertion_type": ASSERTION_TYPE,
            },
            None,
        ),
    }
    for name, (form, credentials) in both.items():
        answer = post(world, "/oauth/token", {**MACHINE, **form}, auth=credentials)
        assert answer.status_code in {400, 401}, name
        assert answer.json["error"] in {"invalid_request", "invalid_client"}, name


@pytest.mark.bcp("R-29")
def test_basic_and_another_client_id_in_the_form_are_refused(
    world: World, client: ClientFixture
) -> None:
    other = world.client(client.tenant, "service")
    answer = basic(world, client.id, client.secret, client_id=other.id)
    assert answer.status_code in {400, 401}
    assert basic(world, client.id, client.secret, client_id=client.id).status_code == 200


@pytest.mark.bcp("R-29")
def test_the_secret_of_one_client_is_not_anothers(world: World, client: ClientFixture) -> None:
    other = world.client(client.tenant, "service")
    assert error_of(basic(world, client.id, other.secret)) == INVALID_CLIENT


@pytest.mark.rfc("TOP-13")
def test_two_secrets_live_during_a_rotation_and_the_older_ends_in_time(
    world: World, client: ClientFixture
) -> None:
    old = client.secret
    new = rotate_secret(world, client, timedelta(hours=1))
    assert basic(world, client.id, old).status_code == 200
    assert basic(world, client.id, new).status_code == 200
    newest = rotate_secret(world, client, timedelta(hours=1))
    assert error_of(basic(world, client.id, old)) == INVALID_CLIENT, "at most two"
    world.clock.move(hours=1)
    assert error_of(basic(world, client.id, new)) == INVALID_CLIENT
    assert basic(world, client.id, newest).status_code == 200


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.4.2-secrets")
@pytest.mark.every_database
@pytest.mark.bcp("R-29")
def test_secrets_are_long_and_stored_only_as_hashes(world: World, client: ClientFixture) -> None:
    assert len(client.secret) >= 43
    with world.services.database.read() as view:
        query = text("SELECT * FROM client_secrets WHERE client_id = :id")
        rows = view.connection.execute(query, {"id": client.id}).all()
    assert len(rows) == 1
    assert client.secret not in str(rows)
