"""Refresh tokens: RFC 6749 section 6, RFC 9700 section 4.14.2, product.md section 2."""

import pytest

from tests.spec.tools import (
    API,
    OTHER_API,
    Stage,
    error_of,
    events,
    part,
    restarted,
    stage,
    statements,
    tenant_stage,
)
from tests.support.browser import Party
from tests.support.world import World

pytestmark = pytest.mark.every_database

INVALID_GRANT = (400, "invalid_grant")
OFFLINE = "openid offline_access orders:read"
ONLINE = "openid orders:read"


@pytest.mark.bcp("R-20")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_each_refresh_gives_a_new_token_and_ends_the_old_one(world: World, kind: str) -> None:
    on = stage(world, kind)
    first = on.tokens(scope=OFFLINE)["refresh_token"]
    second = on.party.refresh(first).json["refresh_token"]
    assert second != first
    third = on.party.refresh(second).json["refresh_token"]
    world.clock.move(seconds=11)
    assert on.party.refresh(third).status_code == 200
    assert error_of(on.party.refresh(first)) == INVALID_GRANT


@pytest.mark.rfc("OpenID Connect Core section 11")
@pytest.mark.bcp("R-20")
def test_browser_applications_get_a_refresh_token_only_for_offline_access(world: World) -> None:
    on = stage(world, "spa")
    assert "refresh_token" not in on.tokens(scope=ONLINE)
    assert "refresh_token" in on.tokens(scope=OFFLINE)


@pytest.mark.bcp("R-22")
@pytest.mark.parametrize("seconds", [0, 1, 10])
def test_a_retry_within_the_grace_time_gets_the_very_same_answer(on: Stage, seconds: int) -> None:
    token = on.tokens()["refresh_token"]
    first = on.party.refresh(token)
    on.world.clock.move(seconds=seconds)
    again = on.party.refresh(token)
    assert again.status_code == 200
    assert again.data == first.data
    assert on.party.refresh(first.json["refresh_token"]).status_code == 200
    assert len(events(on.world, on.tenant, "tokens.refreshed")) == 2


@pytest.mark.bcp("R-22")
def test_retries_do_not_extend_the_grace_time(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    on.party.refresh(token)
    for _ in range(3):
        on.world.clock.move(seconds=3)
        assert on.party.refresh(token).status_code == 200
    on.world.clock.move(seconds=3)
    assert error_of(on.party.refresh(token)) == INVALID_GRANT


@pytest.mark.bcp("R-22")
def test_a_retry_after_a_restart_gets_the_same_answer(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    first = on.party.refresh(token)
    with restarted(on.world) as other:
        assert Party(other, on.client).refresh(token).data == first.data


@pytest.mark.bcp("R-21")
def test_the_parent_after_the_grace_time_revokes_the_family_with_its_access_tokens(
    on: Stage,
) -> None:
    tokens = on.tokens()
    renewed = on.party.refresh(tokens["refresh_token"]).json
    on.world.clock.move(seconds=11)
    assert error_of(on.party.refresh(tokens["refresh_token"])) == INVALID_GRANT
    assert error_of(on.party.refresh(renewed["refresh_token"])) == INVALID_GRANT
    for token in (tokens["access_token"], renewed["access_token"]):
        assert on.party.userinfo(token).status_code == 401
        assert on.party.introspect(token).json == {"active": False}
    assert len(events(on.world, on.tenant, "refresh.reuse_detected")) == 1


@pytest.mark.bcp("R-21")
@pytest.mark.parametrize("age", [2, 3, 5])
def test_an_older_ancestor_revokes_the_family_at_once(on: Stage, age: int) -> None:
    tokens = [on.tokens()["refresh_token"]]
    for _ in range(age):
        tokens.append(on.party.refresh(tokens[-1]).json["refresh_token"])
    assert error_of(on.party.refresh(tokens[0])) == INVALID_GRANT
    assert error_of(on.party.refresh(tokens[-1])) == INVALID_GRANT


@pytest.mark.bcp("R-21")
def test_reuse_ends_one_family_and_no_other(on: Stage) -> None:
    first, second = on.tokens(), on.tokens()
    renewed = on.party.refresh(first["refresh_token"]).json
    on.party.refresh(renewed["refresh_token"])
    assert error_of(on.party.refresh(first["refresh_token"])) == INVALID_GRANT
    assert on.party.userinfo(second["access_token"]).status_code == 200
    assert on.party.refresh(second["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-21")
def test_the_sweep_of_a_family_costs_the_same_however_long_it_is(on: Stage) -> None:
    costs = []
    for generations in (2, 20):
        first = token = on.tokens()["refresh_token"]
        for _ in range(generations):
            token = on.party.refresh(token).json["refresh_token"]
        with statements(on.world) as seen:
            assert error_of(on.party.refresh(first)) == INVALID_GRANT
        costs.append(len(seen))
    assert costs[0] == costs[1]


@pytest.mark.bcp("R-23")
def test_a_revoked_token_is_dead_inside_the_grace_time(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    renewed = on.party.refresh(token).json
    assert on.party.revoke(renewed["refresh_token"]).status_code == 200
    for dead in (token, renewed["refresh_token"]):
        assert error_of(on.party.refresh(dead)) == INVALID_GRANT


@pytest.mark.bcp("R-23")
def test_revoking_the_used_parent_ends_its_successor_too(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    renewed = on.party.refresh(token).json
    on.party.revoke(token)
    assert error_of(on.party.refresh(renewed["refresh_token"])) == INVALID_GRANT
    assert error_of(on.party.refresh(token)) == INVALID_GRANT


@pytest.mark.bcp("R-24")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
@pytest.mark.parametrize("thief", ["web", "spa"])
def test_another_client_can_neither_use_a_refresh_token_nor_end_it(
    world: World, kind: str, thief: str
) -> None:
    on = stage(world, kind)
    token = on.tokens(scope=OFFLINE)["refresh_token"]
    stranger = Party(world, world.client(on.tenant, thief))
    assert error_of(stranger.refresh(token)) == INVALID_GRANT
    assert stranger.revoke(token).status_code == 200
    renewed = on.party.refresh(token)
    assert renewed.status_code == 200
    assert error_of(stranger.refresh(token)) == INVALID_GRANT, "nor does it get the grace answer"
    assert on.party.refresh(renewed.json["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-24")
def test_a_confidential_client_must_authenticate_to_refresh(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    http = on.world.app.test_client()
    form = {"grant_type": "refresh_token", "refresh_token": token}
    for more in ({}, {"client_id": on.client.id}, {"client_id": on.client.id, "client_secret": ""}):
        answer = http.post("/oauth/token", base_url="https://auth.example", data={**form, **more})
        assert error_of(answer) == (401, "invalid_client")
    assert on.party.refresh(token).status_code == 200


@pytest.mark.rfc("RFC 6749 section 6")
@pytest.mark.bcp("R-24")
def test_a_refresh_never_widens_the_scope(on: Stage) -> None:
    token = on.tokens(scope=ONLINE)["refresh_token"]
    for wider in ("openid orders:read orders:write", "orders:write", "email", "admin", "openid  x"):
        assert error_of(on.party.refresh(token, scope=wider)) == (400, "invalid_scope")
    narrowed = on.party.refresh(token, scope="orders:read").json
    assert narrowed["scope"] == part(narrowed["access_token"], 1)["scope"] == "orders:read"
    assert "id_token" not in narrowed
    back = on.party.refresh(narrowed["refresh_token"]).json
    assert back["scope"] == ONLINE, "the grant itself was not narrowed (RFC 6749 section 6)"


@pytest.mark.bcp("R-24")
def test_a_refresh_never_widens_the_audience(world: World) -> None:
    on = stage(world, audiences=[API, OTHER_API])
    token = on.tokens(resource=API)["refresh_token"]
    assert error_of(on.party.refresh(token, resource=OTHER_API)) == (400, "invalid_target")
    answer = on.party.refresh(token, resource=[API, OTHER_API])
    assert error_of(answer) == (400, "invalid_target")
    assert part(on.party.refresh(token).json["access_token"], 1)["aud"] == API


@pytest.mark.bcp("R-24")
def test_a_refresh_token_works_at_its_own_issuer_only(world: World) -> None:
    here, there = tenant_stage(world), tenant_stage(world)
    token = here.tokens()["refresh_token"]
    assert error_of(there.party.refresh(token)) == INVALID_GRANT
    assert error_of(Party(world, here.client).refresh(token)) == (401, "invalid_client")
    assert here.party.refresh(token).status_code == 200


@pytest.mark.bcp("R-25")
@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 400), (1, 400)])
def test_a_refresh_token_is_idle_for_seven_days_at_most(
    on: Stage, seconds: int, status: int
) -> None:
    token = on.tokens(scope=OFFLINE)["refresh_token"]
    on.world.clock.move(days=7, seconds=seconds)
    assert on.party.refresh(token).status_code == status


@pytest.mark.bcp("R-25")
def test_a_family_ends_after_thirty_days_however_busy(on: Stage) -> None:
    token = on.tokens(scope=OFFLINE)["refresh_token"]
    for _ in range(5):
        on.world.clock.move(days=6, minutes=-1)
        answer = on.party.refresh(token)
        assert answer.status_code == 200
        token = answer.json["refresh_token"]
    on.world.clock.move(minutes=6)
    assert error_of(on.party.refresh(token)) == INVALID_GRANT
    assert on.party.userinfo(answer.json["access_token"]).status_code == 401


@pytest.mark.bcp("R-25")
def test_an_expired_token_is_no_reuse(on: Stage) -> None:
    token = on.tokens(scope=OFFLINE)["refresh_token"]
    on.world.clock.move(days=8)
    assert error_of(on.party.refresh(token)) == INVALID_GRANT
    assert events(on.world, on.tenant, "refresh.reuse_detected") == []


@pytest.mark.bcp("R-27")
def test_codes_sessions_and_refresh_tokens_survive_a_restart(on: Stage) -> None:
    browser = on.browser()
    code, tokens = browser.code(on.client, on.person), on.tokens()
    cookie = browser.http.get_cookie("__Host-as-session", domain="auth.example")
    with restarted(on.world) as other:
        party = Party(other, on.client)
        assert party.redeem(code).status_code == 200
        assert party.userinfo(tokens["access_token"]).status_code == 200
        assert party.refresh(tokens["refresh_token"]).status_code == 200
        again = Stage(other, on.tenant, on.person, on.client).browser()
        again.http.set_cookie(cookie.key, cookie.value, domain="auth.example", secure=True)
        assert "code=" in again.authorize(on.client).headers["Location"]


@pytest.mark.bcp("R-27")
def test_rotations_of_the_same_instant_are_distinct(on: Stage) -> None:
    token = on.tokens()["refresh_token"]
    seen = {token}
    for _ in range(8):
        token = on.party.refresh(token).json["refresh_token"]
        seen.add(token)
    assert len(seen) == 9
    answers = [on.tokens()["access_token"] for _ in range(3)]
    assert len({part(answer, 1)["jti"] for answer in answers}) == 3
