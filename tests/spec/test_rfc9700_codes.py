"""RFC 9700 sections 2.1.2, 2.4, 4.2.4: codes are good once, for whom they were issued to."""

import pytest

from tests.spec.tools import Stage, error_of, events, get, restarted, stage, tenant_stage
from tests.support.browser import Party, answered
from tests.support.world import World

pytestmark = pytest.mark.every_database

INVALID_GRANT = (400, "invalid_grant")


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-1")
@pytest.mark.any_database
@pytest.mark.bcp("R-12")
@pytest.mark.parametrize(
    "response_type",
    [
        *("token", "id_token", "id_token token", "code token", "code id_token", "none", "CODE"),
        *("code id_token token", "token code", "code code", "device", "code ", " code"),
    ],
)
def test_no_response_type_but_code(on: Stage, response_type: str) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    answer = browser.authorize(on.client, response_type=response_type)
    assert answered(answer)["error"] == "unsupported_response_type"
    assert "token" not in answered(answer)
    assert get(on.world, "/.well-known/openid-configuration").json["response_types_supported"] == [
        "code"
    ]


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-2")
@pytest.mark.any_database
@pytest.mark.bcp("R-13")
@pytest.mark.parametrize("kind", ["web", "spa", "native", "service", "partner"])
def test_no_client_gets_the_password_grant(world: World, kind: str) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant, kind)
    answer = Party(world, client).token(
        grant_type="password", username=person.email, password=person.password
    )
    assert error_of(answer) == (400, "unsupported_grant_type")
    published = get(world, "/.well-known/openid-configuration").json["grant_types_supported"]
    assert "password" not in published
    assert "implicit" not in published


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.2-9")
@pytest.mark.bcp("R-14")
def test_the_second_use_of_a_code_revokes_everything_that_came_of_the_first(on: Stage) -> None:
    code = on.code()
    tokens = on.party.redeem(code).json
    renewed = on.party.refresh(tokens["refresh_token"]).json
    assert on.party.userinfo(renewed["access_token"]).status_code == 200
    assert error_of(on.party.redeem(code)) == INVALID_GRANT
    for token in (tokens["access_token"], renewed["access_token"]):
        assert on.party.userinfo(token).status_code == 401
        assert on.party.introspect(token).json == {"active": False}
    assert error_of(on.party.refresh(renewed["refresh_token"])) == INVALID_GRANT
    assert len(events(on.world, on.tenant, "code.replayed")) == 1


@pytest.mark.bcp("R-14")
@pytest.mark.parametrize("seconds", [1, 30, 3600])
def test_a_replay_revokes_whenever_it_comes(on: Stage, seconds: int) -> None:
    code = on.code()
    tokens = on.party.redeem(code).json
    on.world.clock.move(seconds=seconds)
    assert error_of(on.party.redeem(code)) == INVALID_GRANT
    assert error_of(on.party.refresh(tokens["refresh_token"])) == INVALID_GRANT


@pytest.mark.bcp("R-14")
def test_a_replay_after_a_restart_revokes_too(on: Stage) -> None:
    code = on.code()
    tokens = on.party.redeem(code).json
    with restarted(on.world) as other:
        assert error_of(Party(other, on.client).redeem(code)) == INVALID_GRANT
    assert on.party.userinfo(tokens["access_token"]).status_code == 401


@pytest.mark.bcp("R-14")
@pytest.mark.parametrize("after", [False, True])
def test_another_client_neither_uses_a_code_up_nor_revokes_its_tokens(
    on: Stage, *, after: bool
) -> None:
    thief = Party(on.world, on.world.client(on.tenant))
    code = on.code()
    tokens = on.party.redeem(code).json if after else None
    assert error_of(thief.redeem(code)) == INVALID_GRANT
    tokens = tokens or on.party.redeem(code).json
    assert on.party.userinfo(tokens["access_token"]).status_code == 200
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-14")
def test_a_wrong_verifier_on_a_used_code_revokes_nothing(on: Stage) -> None:
    code = on.code()
    tokens = on.party.redeem(code).json
    assert error_of(on.party.redeem(code, code_verifier="w" * 64)) == INVALID_GRANT
    assert on.party.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.bcp("R-14")
@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 400), (61, 400)])
def test_a_code_lives_sixty_seconds(on: Stage, seconds: int, status: int) -> None:
    code = on.code()
    on.world.clock.move(seconds=seconds)
    assert on.party.redeem(code).status_code == status


@pytest.mark.rfc("TOP-05")
def test_five_wrong_presentations_kill_a_code(on: Stage) -> None:
    code = on.code()
    for _ in range(5):
        assert error_of(on.party.redeem(code, code_verifier="w" * 64)) == INVALID_GRANT
    assert error_of(on.party.redeem(code)) == INVALID_GRANT


@pytest.mark.rfc("OpenID Connect Core section 3.1.3.2")
@pytest.mark.bcp("R-15")
@pytest.mark.parametrize("swapped", ["client", "redirect_uri", "both"])
def test_a_code_is_bound_to_client_and_redirect_uri_each(world: World, swapped: str) -> None:
    uris = ["https://rp.example/callback", "https://rp.example/other"]
    on = stage(world, redirect_uris=uris)
    other = Party(world, world.client(on.tenant, redirect_uris=uris))
    code = on.code()
    party = on.party if swapped == "redirect_uri" else other
    uri = uris[0] if swapped == "client" else uris[1]
    assert error_of(party.redeem(code, redirect_uri=uri)) == INVALID_GRANT
    assert on.party.redeem(code).status_code == 200


@pytest.mark.bcp("R-15")
@pytest.mark.parametrize(
    "uri", [None, "", "https://rp.example/callback/", "HTTPS://rp.example/callback"]
)
def test_the_redirect_uri_of_the_token_request_is_the_very_same(on: Stage, uri: str | None) -> None:
    code = on.code()
    assert error_of(on.party.redeem(code, redirect_uri=uri)) == INVALID_GRANT


@pytest.mark.bcp("R-15")
def test_a_code_is_bound_to_its_issuer_and_tenant(world: World) -> None:
    here, there = tenant_stage(world), tenant_stage(world)
    code = here.code()
    assert error_of(there.party.redeem(code)) == INVALID_GRANT
    for prefix in ("", there.prefix):
        stranger = Party(world, here.client, prefix)
        assert error_of(stranger.redeem(code)) == (401, "invalid_client")
    assert here.party.redeem(code).status_code == 200


@pytest.mark.bcp("R-15")
def test_the_loopback_port_of_the_request_binds_too(world: World) -> None:
    on = stage(world, "native", redirect_uris=["http://127.0.0.1/cb"])
    code = on.code(redirect_uri="http://127.0.0.1:4000/cb")
    for uri in ("http://127.0.0.1/cb", "http://127.0.0.1:4001/cb"):
        assert error_of(on.party.redeem(code, redirect_uri=uri)) == INVALID_GRANT
    answer = on.party.redeem(code, redirect_uri="http://127.0.0.1:4000/cb")
    assert answer.status_code == 200


@pytest.mark.rfc("RFC 6749 section 4.1.3")
@pytest.mark.parametrize("code", ["ac_", "ac_" + "A" * 43, "%", "0", "null", "A" * 4000])
def test_a_made_up_code_is_refused(on: Stage, code: str) -> None:
    assert error_of(on.party.redeem(code)) == INVALID_GRANT


@pytest.mark.rfc("RFC 6749 section 4.1.3")
def test_other_secrets_are_no_codes(on: Stage) -> None:
    tokens = on.tokens()
    for value in (tokens["refresh_token"], tokens["access_token"], on.client.secret):
        assert error_of(on.party.redeem(value)) == INVALID_GRANT
    assert error_of(on.party.refresh(on.code())) == INVALID_GRANT
