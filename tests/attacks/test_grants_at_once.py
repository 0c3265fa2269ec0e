"""What is good once, or counted, presented by many at the same moment."""

import pytest

from tests.spec.devices import Device, an_address, approve, ask, enter, somewhere
from tests.spec.exchanging import chain
from tests.spec.tools import events, set_client, stage
from tests.spec.vouching import Vouching, vouching
from tests.support.browser import Party
from tests.support.parallel import at_once, together
from tests.support.world import World

pytestmark = pytest.mark.every_database

MANY = 12


@pytest.mark.rfc("RFC 7523 section 3")
def test_of_many_who_bring_an_assertion_one_gets_a_token(world: World) -> None:
    ours: Vouching = vouching(world)
    assertion = ours.assertion()
    answers = together(MANY, lambda _: ours.bring(assertion).status_code)
    assert sorted(answers) == [200] + [400] * (MANY - 1)


@pytest.mark.bcp("R-41")
def test_many_wrong_codes_at_once_are_no_more_guesses(world: World) -> None:
    address = an_address()
    browsers = [somewhere(world, address=address) for _ in range(MANY)]
    answers = together(MANY, lambda n: enter(browsers[n], "BCDF-GHJK").status_code)
    assert sorted(answers) == [400] * 5 + [429] * (MANY - 5)


@pytest.mark.bcp("R-41")
def test_of_many_browsers_one_gets_a_device(world: World) -> None:
    given = ask(stage(world, "device"), scope="openid").json
    browsers = [somewhere(world) for _ in range(MANY)]
    answers = together(MANY, lambda n: enter(browsers[n], given["user_code"]).status_code)
    assert sorted(answers) == [303] + [400] * (MANY - 1)


@pytest.mark.rfc("RFC 8628 section 3.5")
def test_of_many_questions_at_once_one_is_in_time(world: World) -> None:
    on = stage(world, "device")
    device = Device(on, ask(on, scope="openid").json)
    errors = together(MANY, lambda _: device.poll().json["error"])
    assert sorted(errors) == ["authorization_pending"] + ["slow_down"] * (MANY - 1)


@pytest.mark.bcp("R-14")
def test_a_device_code_is_redeemed_once_and_a_second_time_ends_everything(world: World) -> None:
    on = stage(world, "device")
    device = Device(on, ask(on, scope="openid").json, an_address())
    approve(device)
    answers = together(MANY, lambda _: device.poll())
    assert sum(answer.status_code == 200 for answer in answers) <= 1
    assert len(events(world, on.tenant, "tokens.issued")) == 1
    for answer in answers:
        if answer.status_code == 200:
            assert on.party.refresh(answer.json["refresh_token"]).status_code == 400


@pytest.mark.attack("ATK-053")
def test_no_exchange_outlives_the_revocation_that_it_ran_beside(world: World) -> None:
    company = world.tenant("internal")
    hop = chain(world, company)
    for _ in range(8):
        hop.token = hop.on.tokens()["access_token"]
        exchanged, _revoked = at_once(hop.exchange, lambda: hop.on.party.revoke(hop.token))
        if exchanged.status_code == 200:
            token = exchanged.json["access_token"]
            assert hop.service.introspect(token).json == {"active": False}
    set_client(world, hop.on.client, enabled=False)
    watcher = Party(world, world.client(company, "service"))
    assert watcher.introspect(hop.token).json == {"active": False}
