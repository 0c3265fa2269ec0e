"""RFC 9700 section 2.1.1: a constant challenge or nonce is noticed, and not refused."""

from dataclasses import replace
from typing import Any

import pytest

from authserver.oauth.authorize.repeats import Repeats
from tests.spec.tools import Stage, events, pair, restarted, stage, statements
from tests.support.browser import Browser, Party, answered
from tests.support.world import World


class Signed:
    """A browser that is signed in: each `ask` gives a code at once."""

    def __init__(self, on: Stage) -> None:
        self.on, self.browser = on, on.browser()
        self.browser.complete(on.client, on.person, **fresh())

    def ask(self, **parameters: Any) -> str:
        answer = self.browser.authorize(self.on.client, **{**fresh(), **parameters})
        return answered(answer)["code"]

    def warnings(self) -> list[dict[str, Any]]:
        found = events(self.on.world, self.on.tenant, "challenge.repeated")
        return [event["facts"] for event in found]


def fresh() -> dict[str, str]:
    challenge = pair()[1]
    return {"code_challenge": challenge, "nonce": f"n-{challenge}"}


@pytest.fixture
def signed(on: Stage) -> Signed:
    return Signed(on)


@pytest.mark.bcp("R-11")
@pytest.mark.parametrize("parameter", ["code_challenge", "nonce"])
def test_the_fourth_code_for_the_same_value_is_noticed(signed: Signed, parameter: str) -> None:
    same = {parameter: fresh()[parameter]}
    for _ in range(3):
        signed.ask(**same)
    assert signed.warnings() == []
    signed.ask(**same)
    assert signed.warnings() == [{"parameter": parameter, "times": 4}]


@pytest.mark.every_database
@pytest.mark.bcp("R-11")
def test_values_made_anew_are_not_noticed(signed: Signed) -> None:
    for _ in range(8):
        signed.ask()
    assert signed.warnings() == []


@pytest.mark.bcp("R-11")
def test_both_parameters_are_noticed_each_by_itself(signed: Signed) -> None:
    same = fresh()
    for _ in range(6):
        signed.ask(**same)
    found = sorted(signed.warnings(), key=lambda warning: warning["parameter"])
    assert found == [{"parameter": name, "times": 4} for name in ("code_challenge", "nonce")]


@pytest.mark.bcp("R-11")
def test_the_same_text_as_challenge_and_as_nonce_is_not_one_value(signed: Signed) -> None:
    text = pair()[1]
    for _ in range(2):
        signed.ask(code_challenge=text)
        signed.ask(nonce=text)
    assert signed.warnings() == []


@pytest.mark.bcp("R-11")
def test_it_is_told_once_an_hour(signed: Signed) -> None:
    nonce = fresh()["nonce"]
    for _ in range(10):
        signed.ask(nonce=nonce)
    assert len(signed.warnings()) == 1
    signed.on.world.clock.move(minutes=59)
    signed.ask(nonce=nonce)
    assert len(signed.warnings()) == 1
    signed.on.world.clock.move(minutes=2)
    signed.ask(nonce=nonce)
    assert [warning["times"] for warning in signed.warnings()] == [4, 12]


@pytest.mark.bcp("R-11")
def test_it_is_noticed_over_people_and_browsers(on: Stage) -> None:
    nonce = fresh()["nonce"]
    for _ in range(4):
        person = on.world.user(on.tenant)
        Browser(on.world).code(on.client, person, **{**fresh(), "nonce": nonce})
    assert len(events(on.world, on.tenant, "challenge.repeated")) == 1


@pytest.mark.bcp("R-11")
def test_clients_are_counted_each_by_itself(on: Stage) -> None:
    same = fresh()
    for client in [on.world.client(on.tenant) for _ in range(4)]:
        Browser(on.world).code(client, on.person, **same)
    assert events(on.world, on.tenant, "challenge.repeated") == []


@pytest.mark.bcp("R-11")
def test_the_warning_is_the_clients_and_says_nothing_of_the_person(world: World) -> None:
    owner, elsewhere = world.tenant("internal"), world.tenant()
    client, person = world.client(owner, serves=["*"]), world.user(elsewhere)
    signed = Signed(Stage(world, elsewhere, person, client))
    nonce = fresh()["nonce"]
    for _ in range(4):
        signed.ask(nonce=nonce)
    assert signed.warnings() == []
    (event,) = events(world, owner, "challenge.repeated")
    assert event["resource"] == f"client:{client.id}"
    assert event["actor"]["kind"] == "client"
    assert event["correlation_id"]
    assert event["subject"] is None
    assert event["personal"] == {}
    assert nonce not in str(event)


@pytest.mark.bcp("R-11")
def test_nothing_is_refused(signed: Signed) -> None:
    verifier, challenge = pair()
    for _ in range(6):
        code = signed.ask(code_challenge=challenge, nonce="constant")
        answer = Party(signed.on.world, signed.on.client).redeem(code, code_verifier=verifier)
        assert answer.status_code == 200


@pytest.mark.bcp("R-11")
def test_requests_that_get_no_code_do_not_count(signed: Signed) -> None:
    same = fresh()
    for _ in range(6):
        signed.browser.authorize(signed.on.client, **same, prompt="login")
        signed.browser.authorize(signed.on.client, **same, scope="unknown")
    assert signed.warnings() == []


@pytest.mark.bcp("R-11")
@pytest.mark.parametrize("most", [1, 5])
def test_the_number_is_a_setting(world: World, most: int) -> None:
    on = stage(world)
    with restarted(world, challenge_repeats=most) as other:
        signed = Signed(replace(on, world=other))
        nonce = fresh()["nonce"]
        for _ in range(most):
            signed.ask(nonce=nonce)
        assert signed.warnings() == []
        signed.ask(nonce=nonce)
        assert len(signed.warnings()) == 1


@pytest.mark.every_database
@pytest.mark.bcp("R-11")
def test_counting_costs_no_statement(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(**parameters: Any) -> list[str]:
        with statements(signed.on.world) as seen:
            signed.ask(**parameters)
        return seen

    with monkeypatch.context() as patched:
        patched.setattr(Repeats, "count", lambda *_: [])
        signed.ask()
        without = asked()
    same = fresh()
    assert asked() == without
    assert [asked(**same) for _ in range(3)] == [without] * 3
    assert asked(**same) != without, "the warning is a row of its own"
    assert asked(**same) == without
