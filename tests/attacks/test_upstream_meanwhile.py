"""What is closed, linked or unlinked while a provider is being asked, or at the very moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from authserver.accounts.models import User
from authserver.core.problems import Problem
from authserver.federation.connectors.base import Answer
from authserver.federation.entering import Outcome
from authserver.federation.policy import Decision
from authserver.federation.values import Connection, Kind
from authserver.sessions.models import UserSession
from tests.support.parallel import at_once, together
from tests.support.proofs import House, answer, gmail, make
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database

PEOPLE, THREADS, ROUNDS = 40, 8, 10


class Scene:
    """Somebody whose identity is linked, on the way back from the provider."""

    def __init__(self, world: World) -> None:
        self.house = make(world)
        self.person: UserFixture = world.user(self.house.tenant, email=gmail())
        self.google: Connection = self.house.connect()
        self.said: Answer = answer(email=self.person.email)
        self.link = self.house.link(self.person, self.google, self.said)

    def comes_back(self) -> Outcome:
        return self.house.enter(self.google, self.said)

    def is_in(self, outcome: Outcome) -> bool:
        """Tell whether anything can be done with what was begun."""
        if outcome.claimed is None:
            return False
        with self.house.world.services.database.read() as view:
            return self.house.world.services.factors.find(view, outcome.claimed) is not None


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def disabled(scene: Scene) -> None:
    scene.house.world.disable(scene.person)


def suspended(scene: Scene) -> None:
    world = scene.house.world
    world.services.database.write(
        lambda tx: world.services.tenants.suspend(tx, scene.house.tenant.slug, world.operator)
    )


def switched_off(scene: Scene) -> None:
    scene.house.change(scene.google, enabled=False)


def link_only(scene: Scene) -> None:
    scene.house.change(scene.google, link_only=True)


def elsewhere(scene: Scene) -> None:
    scene.house.change(scene.google, server="https://other.example")


def narrowed(scene: Scene) -> None:
    scene.house.change(scene.google, allowed=["acme.example"])


def not_allowed(scene: Scene) -> None:
    scene.house.set(platform_connections=["another"])


CAUSES = {
    disabled: "disabled",
    suspended: "suspended",
    switched_off: "connection_closed",
    link_only: "link_only",
    elsewhere: "connection_changed",
    narrowed: "connection_changed",
    not_allowed: "elsewhere",
}


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_what_was_closed_meanwhile_opens_nothing(
    scene: Scene, cause: Callable[[Scene], None]
) -> None:
    before = scene.comes_back()
    assert scene.is_in(before)
    cause(scene)
    outcome = scene.comes_back()
    assert outcome == Outcome(Decision.REFUSE), "the same outside, whatever it is"
    assert scene.house.reasons() == [("refuse", CAUSES[cause])]
    if cause in {disabled, suspended}:
        assert not scene.is_in(before)


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize("cause", [disabled, suspended], ids=lambda cause: cause.__name__)
def test_whom_an_address_leads_to_is_not_linked_either(
    world: World, cause: Callable[[Scene], None]
) -> None:
    scene = Scene(world)
    scene.house.unlink(scene.person, scene.link)
    cause(scene)
    assert scene.comes_back().decision is Decision.ASK
    assert scene.house.links() == []


@pytest.mark.attack("ATK-059")
def test_an_account_that_became_a_guest_is_not_opened_by_its_old_link(scene: Scene) -> None:
    home = scene.house.world.user(scene.house.world.tenant("internal"))

    def job(tx: Any) -> None:
        tx.tenant(scene.house.tenant.id).get(User, scene.person.id).home_user_id = home.id

    scene.house.write(job)
    assert scene.comes_back().decision is Decision.REFUSE


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize("cause", [disabled, suspended], ids=lambda cause: cause.__name__)
def test_at_the_very_moment_one_of_both_comes_first(
    world: World, cause: Callable[[Scene], None]
) -> None:
    for _ in range(ROUNDS):
        scene = Scene(world)
        outcome, _ = at_once(scene.comes_back, partial(cause, scene))
        assert isinstance(outcome, Outcome)
        assert not scene.is_in(outcome)


def test_an_unlinked_identity_does_not_slip_in(world: World) -> None:
    for _ in range(ROUNDS):
        scene = Scene(world)
        outcome, _ = at_once(
            scene.comes_back, partial(scene.house.unlink, scene.person, scene.link)
        )
        assert isinstance(outcome, Outcome)
        if outcome.decision is Decision.SIGN_IN:
            assert not scene.is_in(outcome)
        assert scene.house.links() == [] or outcome.decision is Decision.LINK


def accounts(house: House) -> int:
    with house.world.services.database.read() as view:
        return int(view.tenant(house.tenant.id).scalar(select(func.count(User.id))) or 0)


def test_callbacks_of_one_person_at_the_same_moment_make_one_account(world: World) -> None:
    house = make(world)
    own = house.connect(Kind.OIDC, own=True, creates_people=True)
    said = answer(email=gmail())
    outcomes = together(THREADS, lambda _: house.enter(own, said))
    made = [one.decision for one in outcomes]
    assert sorted(made) == [Decision.CREATE] + [Decision.SIGN_IN] * (THREADS - 1)
    assert len({house.partial(one).user.id for one in outcomes}) == 1
    assert (accounts(house), len(house.links())) == (1, 1)


def test_two_identities_with_one_address_at_the_same_moment_make_one_account(world: World) -> None:
    house = make(world)
    own = house.connect(Kind.OIDC, own=True, creates_people=True)
    email = gmail()
    outcomes = together(THREADS, lambda _: house.enter(own, answer(email=email)))
    made = [one.decision for one in outcomes]
    assert sorted(made) == [Decision.ASK] * (THREADS - 1) + [Decision.CREATE]
    assert (accounts(house), len(house.links())) == (1, 1)


def try_to_link(house: House, *who: Any) -> object:
    try:
        return house.link(*who)
    except Problem:
        return None


def test_an_identity_is_linked_to_one_of_two_at_the_same_moment(world: World) -> None:
    house = make(world)
    google, said = house.connect(), answer()
    people = [world.user(house.tenant) for _ in range(2)]
    linked = together(2, lambda number: try_to_link(house, people[number], google, said))
    assert sum(one is not None for one in linked) == 1
    assert len(house.links()) == 1


def test_linking_and_making_an_account_at_the_same_moment_leave_one_link(world: World) -> None:
    for _ in range(ROUNDS):
        house = make(world)
        own = house.connect(Kind.OIDC, own=True, creates_people=True)
        person, said = world.user(house.tenant), answer(email=gmail())
        linked, outcome = at_once(
            partial(try_to_link, house, person, own, said), partial(house.enter, own, said)
        )
        assert isinstance(outcome, Outcome)
        assert len(house.links()) == 1
        assert (outcome.decision is Decision.CREATE) is (linked is None)
        assert accounts(house) == 1 + (linked is None), "no account that nobody can open"


def test_forty_people_over_eight_threads_each_get_their_own(world: World) -> None:
    house = make(world)
    google = house.connect()
    people = [world.user(house.tenant) for _ in range(PEOPLE)]
    said = [answer(f"person-{number}") for number in range(PEOPLE)]
    links = [house.link(*one) for one in zip(people, [google] * PEOPLE, said, strict=True)]

    def come(number: int) -> tuple[str, str | None]:
        live = house.arrive(house.enter(google, said[number]))
        with world.services.database.read() as view:
            return live.user.id, _identity_of(view, house, live.id)

    order = [(number * 37) % PEOPLE for number in range(PEOPLE)]
    with ThreadPoolExecutor(THREADS) as pool:
        found = dict(zip(order, pool.map(come, order), strict=True))
    assert found == {n: (people[n].id, links[n]) for n in range(PEOPLE)}


def _identity_of(view: Any, house: House, session_id: str) -> str | None:
    wanted = select(UserSession.identity_id).where(UserSession.id == session_id)
    return view.tenant(house.tenant.id).scalar(wanted)


def test_a_hop_of_two_tabs_offers_one_of_both(world: World) -> None:
    scene = Scene(world)
    house, people = scene.house, [answer() for _ in range(THREADS)]
    at = replace(house.attempt(scene.google, scene.said).hop)
    outcomes = together(THREADS, lambda number: house.enter(scene.google, people[number], at=at))
    assert {one.decision for one in outcomes} == {Decision.ASK}
    other = world.user(house.tenant)
    assert sorted(together(4, lambda _: house.take(at, other))) == [False] * 3 + [True]
    assert len(house.links(other)) == 1
