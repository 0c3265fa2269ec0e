"""Everything that is good once, or for one purpose, presented where something else is expected."""

import pytest

from tests.attacks.everything import Everything, everything
from tests.attacks.newer import with_newer
from tests.attacks.shown import taken_as_second_factor, with_people
from tests.support.browser import Party
from tests.support.world import World

pytestmark = pytest.mark.every_database


@pytest.fixture(name="all_")
def _everything(world: World) -> Everything:
    return everything(world)


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


@pytest.mark.any_database
@pytest.mark.attack("ATK-042")
@pytest.mark.attack("ATK-043")
def test_what_opens_one_door_opens_no_other(all_: Everything) -> None:
    """Pushed requests, proofs, tokens of registration and administration, keys, invitations."""
    both = with_newer(all_)
    assert taken_wrongly(both, all_) == {}
    for consumer in both.consumers.keys() - all_.consumers.keys():
        for name in both.right[consumer]:
            answer = both.consumers[consumer](both.objects[name])
            assert answer.status_code in {200, 201, 303}, (consumer, answer.text)


@pytest.mark.any_database
@pytest.mark.attack("ATK-042")
@pytest.mark.attack("ATK-043")
def test_what_was_mailed_or_shown_to_a_person_opens_its_own_door_alone(all_: Everything) -> None:
    """Mailed links, backup codes, copies of data, form tokens, logout tokens, signed answers."""
    before = with_newer(all_)
    both, owner = with_people(before)
    assert taken_wrongly(both, before) == {}
    for consumer in both.consumers.keys() - before.consumers.keys():
        for name in both.right[consumer]:
            answer = both.consumers[consumer](both.objects[name])
            assert answer.status_code == 200, (consumer, name, answer.text)
    assert taken_as_second_factor(both, owner) == {"backup code"}


def taken_wrongly(now: Everything, before: Everything) -> dict[tuple[str, str], int]:
    """Return which consumers took what is not theirs, of the pairs that are new."""
    return {
        (consumer, name): answer.status_code
        for consumer, present in now.consumers.items()
        for name, value in now.objects.items()
        if not {consumer, name} <= before.consumers.keys() | before.objects.keys()
        if name not in now.right[consumer]
        for answer in [present(value)]
        if answer.status_code not in {400, 401}
    }
