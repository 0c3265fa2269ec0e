"""Strangers who ask for mails in somebody's name do not keep the owner from getting one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from authserver.registration.models import RegistrationRequest
from tests.attacks.people import Scene
from tests.flows.test_recovery import choose
from tests.support.account import enter
from tests.support.browser import Browser, hidden
from tests.support.joining import Guestbook
from tests.support.joining import ask as ask_to_register
from tests.support.mails import link_in, links, mails_to, path_of
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.fixture
def book(world: World) -> Guestbook:
    book = Guestbook(world)
    book.open_to_all()
    return book


def ask(browser: Browser, scene: Scene, person: UserFixture | None = None) -> TestResponse:
    page = browser.follow(browser.authorize(scene.client, prompt="login"))
    form = browser.get("/login/recover", query_string={"flow": hidden(page)["flow"]})
    answer = browser.submit(form, email=(person or scene.person).email)
    assert answer.status_code == 200
    return answer


def ask_often(scene: Scene, times: int = 5) -> None:
    """Ask as strangers, who need no application for it."""
    for _ in range(times):
        browser = Browser(scene.world)
        form, house = browser.get("/login/recover"), scene.tenant.slug
        answer = browser.submit(form, email=scene.person.email, organization=house)
        assert answer.status_code == 200


def got(scene: Scene, person: UserFixture | None = None) -> int:
    return len(links(scene.world, (person or scene.person).id))


@pytest.mark.attack("ATK-083")
def test_the_owner_gets_a_mail_in_a_known_browser_whatever_strangers_did(scene: Scene) -> None:
    known = Browser(scene.world)
    enter(known, scene.person)
    ask_often(scene)
    before = got(scene)
    ask(known, scene)
    assert got(scene) == before + 1
    assert "You can sign in with it now" in choose(known, links(scene.world, scene.person.id)[-1])


@pytest.mark.attack("ATK-083")
@pytest.mark.parametrize("minutes", [7, 29])
def test_whoever_asks_all_day_always_leaves_the_owner_a_link(scene: Scene, minutes: int) -> None:
    """The owner comes at any moment, in a browser that nobody knows."""
    hours, sent = 2, []
    for _ in range(60 * hours // minutes):
        before = got(scene)
        ask_often(scene, 3)
        sent += [scene.world.clock.now()] * (got(scene) - before)
        scene.world.clock.move(minutes=minutes)
        ask(Browser(scene.world), scene)
        newest = links(scene.world, scene.person.id)[-1]
        page = Browser(scene.world)
        form = page.follow(page.get(path_of(newest)))
        assert form.status_code == 200, "the owner's mailbox has a link that is good"
    for moment in sent:
        assert sum(0 <= (other - moment).total_seconds() < 3600 for other in sent) <= 3


@pytest.mark.attack("ATK-082")
def test_a_known_browser_has_a_share_and_no_more(scene: Scene) -> None:
    known = Browser(scene.world)
    enter(known, scene.person)
    for _ in range(6):
        ask(known, scene)
    assert got(scene) == 2
    scene.world.clock.move(minutes=30)
    for _ in range(6):
        ask(known, scene)
    assert got(scene) == 3


@pytest.mark.attack("ATK-082")
def test_a_browser_that_knows_somebody_else_is_a_stranger(scene: Scene) -> None:
    other = scene.world.user(scene.tenant)
    ask_often(scene)
    before = got(scene)
    browser = Browser(scene.world)
    enter(browser, other)
    ask(browser, scene)
    assert got(scene) == before


@pytest.mark.every_database
@pytest.mark.attack("ATK-082")
def test_parallel_requests_take_no_more_than_the_share(scene: Scene) -> None:
    together(12, lambda _n: ask(Browser(scene.world), scene).status_code)
    assert got(scene) == 2


def test_a_link_that_died_with_the_password_counts_for_nothing(scene: Scene) -> None:
    """It is not the owner's way in any more: there has to be another one."""
    ask_often(scene)
    browser = Browser(scene.world)
    choose(browser, links(scene.world, scene.person.id)[-1])
    before = got(scene)
    ask(Browser(scene.world), scene)
    assert got(scene) == before + 1


@pytest.mark.attack("ATK-082")
@pytest.mark.attack("ATK-083")
@pytest.mark.parametrize("life", [1, 15])
def test_links_that_live_shorter_bring_no_more_mails(
    another: Callable[..., World], world: World, life: int
) -> None:
    """In no hour more than three; and the owner waits for one half an hour at most."""
    scene, sent = Scene(another(link_life=timedelta(minutes=life))), list[datetime]()
    for _ in range(40):
        before = got(scene)
        ask_often(scene, 2)
        sent += [world.clock.now()] * (got(scene) - before)
        assert world.clock.now() - sent[-1] < timedelta(minutes=30)
        world.clock.move(minutes=4)
    for moment in sent:
        assert sum(timedelta(0) <= other - moment < timedelta(hours=1) for other in sent) <= 3
    known = Browser(scene.world)
    enter(known, scene.person)
    before = got(scene)
    for _ in range(14):
        ask(known, scene)
        world.clock.move(minutes=4)
    assert got(scene) <= before + 3


@pytest.mark.attack("ATK-082")
@pytest.mark.attack("ATK-083")
def test_short_links_bring_whoever_registers_no_more_mails(
    another: Callable[..., World], world: World
) -> None:
    place = another(link_life=timedelta(minutes=2))
    book = Guestbook(place)
    book.open_to_all()
    client, email, sent = place.client(book.tenant), f"new.{book.tenant.slug}@example.com", 0
    for minutes in range(0, 60, 3):
        ask_to_register(place, client, email)
        sent = len(mails_to(place, email, book.tenant.id))
        assert sent == min(2, minutes // 3 + 1) + (minutes >= 33)
        world.clock.move(minutes=3)
    assert sent == 3


@pytest.mark.attack("ATK-095")
def test_the_answer_says_nothing_of_shares(scene: Scene) -> None:
    known = Browser(scene.world)
    enter(known, scene.person)

    def said(browser: Browser, person: UserFixture | None = None) -> str:
        text = ask(browser, scene, person).text
        return text.partition("<main")[2].replace((person or scene.person).email, "")

    first = said(known)
    ask_often(scene)
    answers = {said(Browser(scene.world)), said(known), said(known), said(known)}
    answers.add(said(known, scene.world.user(scene.tenant)))
    ask_nobody = ask(known, scene, UserFixture("-", "nobody@example.com", scene.tenant))
    answers.add(ask_nobody.text.partition("<main")[2].replace("nobody@example.com", ""))
    stripped = {strip(one) for one in (first, *answers)}
    assert len(stripped) == 1


def strip(text: str) -> str:
    """Leave out the links, which name the flow."""
    return "".join(part.partition('"')[2] for part in text.split('href="'))


def test_the_trail_says_that_there_were_too_many(scene: Scene) -> None:
    ask_often(scene, 4)
    recorded = events(scene.world, scene.tenant.id, "recovery.requested")
    outcomes = [event.document["facts"]["outcome"] for event in recorded]
    assert outcomes == ["mailed", "mailed", "too_many_mails", "too_many_mails"]


@pytest.mark.attack("ATK-083")
def test_who_registers_always_has_a_link_that_is_good(world: World, book: Guestbook) -> None:
    email = f"new.{book.tenant.slug}@example.com"
    client = world.client(book.tenant)

    def asks(times: int) -> int:
        for _ in range(times):
            ask_to_register(world, client, email)
        return len(mails_to(world, email, book.tenant.id))

    assert asks(5) == 2
    world.clock.move(minutes=30)
    assert asks(5) == 3
    newest = link_in(mails_to(world, email, book.tenant.id)[-1])
    page = Browser(world)
    form = page.follow(page.get(path_of(newest)))
    assert form.status_code == 200
    world.clock.move(minutes=29)
    assert asks(5) == 3
    with world.services.database.read() as view:
        assert view.tenant(book.tenant.id).query(RegistrationRequest).count() == 3
