"""Signed answers of introspection: RFC 9701."""

import pytest
from werkzeug.test import TestResponse

from authserver.clients.options import Options
from tests.spec.tools import API, Stage, error_of, part, stage, tenant_stage
from tests.support.browser import ISSUER, Party
from tests.support.world import World

JWT = "application/token-introspection+jwt"


def ask(party: Party, token: str, accept: str = JWT) -> TestResponse:
    return party.http.post(
        f"{party.prefix}/oauth/introspect",
        base_url=ISSUER,
        data={"token": token},
        auth=(party.client.id, party.client.secret),
        headers={"Accept": accept},
    )


def resource_server(on: Stage, alg: str | None = None) -> Party:
    options = Options(introspection_signed_response_alg=alg)
    own = {"at_tenant_issuer": True} if on.prefix else {}
    client = on.world.client(on.tenant, "service", audiences=[API], options=options, **own)
    return Party(on.world, client, on.prefix)


@pytest.fixture(name="api")
def _api(world: World) -> Stage:
    return stage(world, audiences=[API])


@pytest.mark.rfc("RFC 9701 section 6")
@pytest.mark.rfc("RFC 9701 section 5")
@pytest.mark.parametrize("alg", [None, "ES256", "EdDSA"])
def test_the_answer_is_signed_for_who_asks(api: Stage, alg: str | None) -> None:
    service, token = resource_server(api, alg), api.tokens()["access_token"]
    answer = ask(service, token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == JWT
    assert answer.headers["Cache-Control"] == "no-store"
    header, claims = part(answer.text, 0), part(answer.text, 1)
    assert (header["typ"], header["alg"]) == ("token-introspection+jwt", alg or "RS256")
    assert sorted(claims) == ["aud", "iat", "iss", "token_introspection"]
    assert (claims["iss"], claims["aud"]) == (ISSUER, service.client.id)
    assert claims["token_introspection"] == service.introspect(token).json


@pytest.mark.every_database
@pytest.mark.rfc("RFC 9701 section 5")
def test_of_a_token_that_does_not_concern_it_a_service_hears_nothing(api: Stage) -> None:
    stranger = Party(api.world, api.world.client(api.tenant, "service"))
    token = api.tokens(resource=API)["access_token"]
    for presented in (token, "nonsense"):
        claims = part(ask(stranger, presented).text, 1)
        assert claims["token_introspection"] == {"active": False}


@pytest.mark.rfc("RFC 9701 section 4")
@pytest.mark.parametrize(
    ("accept", "signed"),
    [
        (JWT, True),
        (f"{JWT.upper()}; q=0.5", True),
        (f"application/json, {JWT}", True),
        (f"application/json;q=1, {JWT};q=0.5", False),
        (f"{JWT};q=0", False),
        (f"{JWT};q=x", False),
        ("*/*", False),
        ("application/json", False),
        ("", False),
        (",;q=,;;", False),
    ],
)
def test_only_who_asks_for_it_gets_a_signed_answer(
    api: Stage, accept: str, *, signed: bool
) -> None:
    answer = ask(resource_server(api), "nonsense", accept)
    assert answer.headers["Content-Type"] == (JWT if signed else "application/json")


@pytest.mark.rfc("RFC 9701 section 8.1")
def test_a_signed_answer_is_no_token(api: Stage) -> None:
    service = resource_server(api)
    answer = ask(service, api.tokens()["access_token"]).text
    assert service.introspect(answer).json == {"active": False}
    assert service.userinfo(answer).status_code == 401
    assert part(ask(service, answer).text, 1)["token_introspection"] == {"active": False}


@pytest.mark.rfc("RFC 9701 section 5")
def test_a_tenants_issuer_signs_with_its_own_keys(world: World) -> None:
    on = tenant_stage(world, audiences=[API])
    service = resource_server(on)
    answer = ask(service, on.tokens()["access_token"]).text
    kids = {key["kid"] for key in on.browser().get(f"{on.prefix}/oauth/jwks").json["keys"]}
    assert part(answer, 0)["kid"] in kids
    assert part(answer, 1)["iss"] == f"{ISSUER}{on.prefix}"
    assert part(answer, 1)["token_introspection"]["active"] is True


@pytest.mark.rfc("RFC 9701 section 7")
def test_the_metadata_say_so(api: Stage) -> None:
    said = api.browser().get("/.well-known/oauth-authorization-server").json
    assert {"RS256", "ES256"} <= set(said["introspection_signing_alg_values_supported"])


def test_who_proves_nothing_hears_nothing(api: Stage) -> None:
    service = resource_server(api)
    service.client.secret = "wrong"
    assert error_of(ask(service, "nonsense")) == (401, "invalid_client")
