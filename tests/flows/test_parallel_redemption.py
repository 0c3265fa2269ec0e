"""What is single-use is used once, whoever comes at the same moment, and in whichever process."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from authserver.tokens.models import RefreshToken
from tests.support.browser import Browser, Party, answered
from tests.support.parallel import at_once, together
from tests.support.world import ClientFixture, World

MANY = 50
Another = Callable[[], World]


class Scene:
    """A signed-in person at a client, and the processes that its requests reach."""

    def __init__(self, *worlds: World) -> None:
        self.worlds = worlds
        tenant = worlds[0].tenant()
        self.client = worlds[0].client(tenant)
        self.browser = Browser(worlds[0])
        self.browser.complete(self.client, worlds[0].user(tenant))

    def code(self) -> str:
        return answered(self.browser.authorize(self.client))["code"]

    def tokens(self) -> dict[str, str]:
        return self.party(0).redeem(self.code()).json

    def party(self, number: int) -> Party:
        return Party(self.worlds[number % len(self.worlds)], self.client)


@pytest.fixture(params=["one process", "two processes"])
def scene(request: pytest.FixtureRequest, world: World, another: Another) -> Scene:
    return Scene(world) if request.param == "one process" else Scene(world, another())


def is_dead(party: Party, tokens: dict[str, str]) -> bool:
    """Tell whether nothing of a token answer works any more."""
    refused = party.refresh(tokens["refresh_token"])
    return (
        party.introspect(tokens["access_token"]).json == {"active": False}
        and party.introspect(tokens["refresh_token"]).json == {"active": False}
        and party.userinfo(tokens["access_token"]).status_code == 401
        and (refused.status_code, refused.json["error"]) == (400, "invalid_grant")
    )


def generations(world: World, tokens: dict[str, str]) -> int:
    """Return how many refresh tokens the family of a token ever had."""
    claims = world.services.caches.keys.get(None).at(world.clock.now()).access_tokens
    family = claims.read(tokens["access_token"])["jti"].partition(".")[0]
    query = select(func.count()).where(RefreshToken.family_id == family)
    with world.services.database.read() as view:
        return view.connection.execute(query).scalar_one()


@pytest.mark.bcp("R-14")
@pytest.mark.attack("ATK-044")
def test_of_fifty_parallel_redemptions_one_succeeds_and_the_second_use_revokes(
    scene: Scene,
) -> None:
    code = scene.code()
    answers = together(MANY, lambda number: scene.party(number).redeem(code))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    bad = [answer for answer in answers if answer.status_code != 200]
    assert {(a.status_code, a.json["error"]) for a in bad} == {(400, "invalid_grant")}
    assert all(is_dead(scene.party(number), good[0].json) for number in (0, 1))


@pytest.mark.bcp("R-14")
def test_a_used_code_ends_its_tokens_when_it_comes_again_even_when_it_has_expired(
    scene: Scene,
) -> None:
    code = scene.code()
    tokens = scene.party(0).redeem(code).json
    scene.worlds[0].clock.move(seconds=90)
    assert scene.party(1).redeem(code).json["error"] == "invalid_grant"
    assert is_dead(scene.party(0), tokens)


@pytest.mark.bcp("R-14")
def test_a_used_code_in_the_hands_of_another_client_ends_nothing(scene: Scene) -> None:
    world = scene.worlds[0]
    code = scene.code()
    tokens = scene.party(0).redeem(code).json
    thief = Party(world, world.client(scene.client.tenant))
    assert thief.redeem(code).json["error"] == "invalid_grant"
    assert scene.party(1).introspect(tokens["access_token"]).json["active"]


@pytest.mark.bcp("R-22")
@pytest.mark.attack("ATK-052")
@pytest.mark.attack("ATK-056")
def test_fifty_parallel_refreshes_give_one_successor_and_everybody_the_same_answer(
    scene: Scene,
) -> None:
    first = scene.tokens()
    answers = together(MANY, lambda n: scene.party(n).refresh(first["refresh_token"]))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert generations(scene.worlds[0], first) == 2
    assert scene.party(1).userinfo(answers[0].json["access_token"]).status_code == 200


@pytest.mark.bcp("R-21")
def test_reuse_after_the_grace_time_kills_the_family(scene: Scene) -> None:
    first = scene.tokens()
    second = scene.party(0).refresh(first["refresh_token"]).json
    scene.worlds[0].clock.move(seconds=10)
    assert scene.party(1).refresh(first["refresh_token"]).json == second
    scene.worlds[0].clock.move(seconds=1)
    together(8, lambda number: scene.party(number).refresh(first["refresh_token"]))
    assert is_dead(scene.party(0), second)
    assert is_dead(scene.party(1), first)


@pytest.mark.bcp("R-21")
@pytest.mark.attack("ATK-058")
def test_a_grandparent_is_reuse_even_inside_the_grace_time(scene: Scene) -> None:
    first = scene.tokens()
    second = scene.party(0).refresh(first["refresh_token"]).json
    third = scene.party(1).refresh(second["refresh_token"]).json
    assert scene.party(0).refresh(first["refresh_token"]).json["error"] == "invalid_grant"
    assert is_dead(scene.party(1), third)


@pytest.mark.bcp("R-23")
@pytest.mark.attack("ATK-058")
def test_a_revoked_token_is_dead_at_once_even_inside_the_grace_time(scene: Scene) -> None:
    first = scene.tokens()
    second = scene.party(0).refresh(first["refresh_token"]).json
    assert scene.party(1).revoke(second["refresh_token"]).status_code == 200
    assert is_dead(scene.party(0), first)
    assert is_dead(scene.party(1), second)


@pytest.mark.bcp("R-27")
@pytest.mark.attack("ATK-055")
def test_rotations_in_the_same_instant_are_distinct_and_none_is_good_twice(scene: Scene) -> None:
    answers = [scene.tokens()]
    for number in range(6):
        answers.append(scene.party(number).refresh(answers[-1]["refresh_token"]).json)
    assert len({answer["refresh_token"] for answer in answers}) == 7
    assert len({answer["access_token"] for answer in answers}) == 7
    assert scene.party(0).refresh(answers[2]["refresh_token"]).json["error"] == "invalid_grant"
    assert is_dead(scene.party(1), answers[-1])


@pytest.mark.bcp("R-23")
@pytest.mark.attack("ATK-053")
@pytest.mark.timeout(300)
def test_after_a_refresh_in_parallel_with_a_revocation_no_token_lives(scene: Scene) -> None:
    for number in range(200 // len(scene.worlds)):
        first = scene.tokens()
        refreshed, revoked = at_once(
            partial(scene.party(0).refresh, first["refresh_token"]),
            partial(scene.party(1).revoke, first["refresh_token"]),
        )
        assert revoked.status_code == 200
        last = refreshed.json if refreshed.status_code == 200 else first
        assert is_dead(scene.party(number), last), number


@pytest.mark.bcp("R-27")
@pytest.mark.attack("ATK-054")
def test_a_restart_makes_nothing_good_again(world: World, another: Another) -> None:
    scene = Scene(world)
    code = scene.code()
    first = scene.party(0).redeem(code).json
    second = scene.party(0).refresh(first["refresh_token"]).json
    after = Party(another(), scene.client)
    assert after.refresh(first["refresh_token"]).json == second  # inside the grace time
    third = after.refresh(second["refresh_token"]).json
    world.clock.move(seconds=11)
    assert Party(another(), scene.client).refresh(first["refresh_token"]).status_code == 400
    assert is_dead(Party(another(), scene.client), third)


@pytest.mark.attack("ATK-054")
def test_a_restart_remembers_that_a_code_was_used(world: World, another: Another) -> None:
    scene = Scene(world)
    code = scene.code()
    tokens = scene.party(0).redeem(code).json
    after = Party(another(), scene.client)
    assert after.redeem(code).json["error"] == "invalid_grant"
    assert is_dead(after, tokens)


def test_a_parallel_machine_never_gets_less_than_it_asked_for(
    world: World,
    another: Another,
) -> None:
    client: ClientFixture = world.client(world.tenant("partner"), "partner")
    worlds = (world, another())

    def ask(number: int) -> TestResponse:
        return Party(worlds[number % 2], client).machine()

    answers = together(MANY, ask)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["access_token"] for answer in answers}) == MANY
