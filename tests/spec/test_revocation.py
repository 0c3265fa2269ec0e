"""Revocation: RFC 7009; RFC 9700 row R-40."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from tests.spec.tools import Stage, error_of, events, machine, stage, tenant_stage
from tests.support.browser import Party
from tests.support.world import World

INVALID_GRANT = (400, "invalid_grant")


def is_dead(on: Stage, tokens: dict[str, str]) -> bool:
    inactive = [
        on.party.introspect(tokens[name]).json == {"active": False}
        for name in ("access_token", "refresh_token")
    ]
    refused = error_of(on.party.refresh(tokens["refresh_token"])) == INVALID_GRANT
    return (
        all(inactive) and refused and on.party.userinfo(tokens["access_token"]).status_code == 401
    )


@pytest.mark.bcp("R-40")
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "unknown"])
def test_revoking_one_token_ends_everything_of_its_family(
    on: Stage, which: str, hint: str | None
) -> None:
    tokens, others = on.tokens(), on.tokens()
    answer = on.party.revoke(tokens[which], token_type_hint=hint)
    assert (answer.status_code, answer.data) == (200, b"")
    assert is_dead(on, tokens)
    assert on.party.userinfo(others["access_token"]).status_code == 200
    assert len(events(on.world, on.tenant, "tokens.revoked")) == 1


@pytest.mark.bcp("R-40")
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
@pytest.mark.parametrize("thief", ["web", "spa", "service"])
def test_a_token_of_another_client_stays_as_it_is(on: Stage, which: str, thief: str) -> None:
    tokens = on.tokens()
    stranger = Party(on.world, on.world.client(on.tenant, thief))
    assert stranger.revoke(tokens[which]).status_code == 200, "nor does the answer tell"
    assert on.party.userinfo(tokens["access_token"]).status_code == 200
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200
    assert events(on.world, on.tenant, "tokens.revoked") == []


@pytest.mark.rfc("RFC 7009 section 2.2")
@pytest.mark.parametrize("token", ["unknown", "rt_" + "A" * 43, "a.b.c", "é", "x" * 20000])
def test_an_unknown_token_is_a_success(on: Stage, token: str) -> None:
    assert on.party.revoke(token).status_code == 200


@pytest.mark.every_database
@pytest.mark.rfc("RFC 7009 section 2.2")
def test_revoking_twice_is_a_success_and_recorded_once(on: Stage) -> None:
    tokens = on.tokens()
    for _ in range(2):
        assert on.party.revoke(tokens["refresh_token"]).status_code == 200
    assert len(events(on.world, on.tenant, "tokens.revoked")) == 1


@pytest.mark.rfc("RFC 7009 section 2.1")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_every_kind_may_revoke_its_own(world: World, kind: str) -> None:
    on = stage(world, kind)
    token = on.tokens(scope="openid offline_access")["refresh_token"]
    assert on.party.revoke(token).status_code == 200
    assert error_of(on.party.refresh(token)) == INVALID_GRANT


@pytest.mark.rfc("RFC 7009 section 2.1")
def test_a_machines_token_is_revoked_by_itself(world: World) -> None:
    party = machine(world)
    one, two = (party.machine().json["access_token"] for _ in range(2))
    for _ in range(2):
        assert party.revoke(one).status_code == 200
    assert party.introspect(one).json == {"active": False}
    assert party.introspect(two).json["active"] is True
    assert len(events(world, party.client.tenant, "tokens.revoked")) == 1


@pytest.mark.rfc("RFC 7009 section 2.1")
def test_a_request_without_token_is_invalid(on: Stage) -> None:
    assert error_of(on.party.send("revoke", {})) == (400, "invalid_request")


@contextmanager
def nothing_can_be_written(world: World) -> Iterator[None]:
    """Let every transaction that would write end as it begins."""

    def fail(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            raise OperationalError("BEGIN", None, Exception("the disk is full"))

    engine = world.services.database.engine
    event.listen(engine, "begin", fail)
    try:
        yield
    finally:
        event.remove(engine, "begin", fail)


@pytest.mark.rfc("RFC 7009 section 2.2.1")
@pytest.mark.bcp("R-40")
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_a_revocation_that_cannot_be_stored_is_503_and_never_200(on: Stage, which: str) -> None:
    tokens = on.tokens()
    with nothing_can_be_written(on.world):
        answer = on.party.revoke(tokens[which])
        assert error_of(answer) == (503, "temporarily_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert "disk" not in answer.text
    assert on.party.userinfo(tokens["access_token"]).status_code == 200
    assert on.party.revoke(tokens[which]).status_code == 200
    assert is_dead(on, tokens)


@pytest.mark.bcp("R-40")
def test_a_machine_token_revocation_that_cannot_be_stored_is_503(world: World) -> None:
    party = machine(world)
    token = party.machine().json["access_token"]
    with nothing_can_be_written(world):
        assert party.revoke(token).status_code == 503
    assert party.introspect(token).json["active"] is True


@pytest.mark.bcp("R-40")
def test_nothing_is_issued_when_it_cannot_be_stored(on: Stage) -> None:
    code, tokens = on.code(), on.tokens()
    party = machine(on.world)
    with nothing_can_be_written(on.world):
        for answer in (
            on.party.redeem(code),
            on.party.refresh(tokens["refresh_token"]),
            party.machine(),
        ):
            assert error_of(answer) == (503, "temporarily_unavailable")
    assert on.party.redeem(code).status_code == 200
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-40")
def test_a_token_of_another_issuer_is_not_touched(world: World) -> None:
    here, there = tenant_stage(world), tenant_stage(world)
    tokens = here.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert there.party.revoke(token).status_code == 200
    assert here.party.userinfo(tokens["access_token"]).status_code == 200
