"""Whoever commits stores for all that wait: nobody gets anything of somebody else's request."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from authserver.accounts import devices
from tests.flows.test_trusted_browsers import COOKIE, DAYS, asks, at_the_code, trusted
from tests.support.browser import Browser
from tests.support.chooser import signed_in
from tests.support.factors import Keeper, set_policy
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database

LONG = 20.0  # seconds
DEVICE = "__Host-as-device"


def cookie(browser: Browser, name: str) -> str:
    found = browser.http.get_cookie(name, "auth.example")
    assert found is not None
    return found.value


@contextmanager
def one_commit(world: World) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Let works wait until all are there: the thread of the first then stores for all of them."""
    waiting = world.services.database._commits._queue  # noqa: SLF001  nobody else knows who waits
    begun, end, threads = Event(), Event(), list[Thread]()

    def begin(work: Callable[[], object]) -> None:
        threads.append(Thread(target=work))
        threads[-1].start()

    def hold(_transaction: object) -> None:
        begun.set()
        end.wait(LONG)

    def joins(work: Callable[[], object]) -> None:
        before, started = len(waiting), time.monotonic()
        begin(work)
        while len(waiting) == before:
            assert time.monotonic() - started < LONG, "it never came to store anything"
            end.wait(0.001)

    begin(lambda: world.services.database.write(hold))
    assert begun.wait(LONG)
    try:
        yield joins
    finally:
        end.set()
        for thread in threads:
            thread.join(LONG)


def known(world: World, person: UserFixture, token: str) -> list[bool]:
    """Return of each browser that the account knows whether it is the one with the token."""
    with world.services.database.read() as view:
        found = devices.known_to(
            view,
            person.tenant.id,
            user_id=person.id,
            token=token,
            keyring=world.services.keyring,
            now=world.clock.now(),
        )
    return [one.present for one in found]


@pytest.mark.attack("ATK-071")
def test_who_signs_in_in_one_commit_with_somebody_brings_their_own_cookies(world: World) -> None:
    people = [world.user(world.tenant()) for _ in range(3)]
    browsers = [signed_in(world, one) for one in people]
    pages = [one.get("/login/password?to=overview") for one in browsers]
    answers: dict[int, int] = {}

    def sign_in(number: int) -> None:
        answers[number] = browsers[number].sign_in(pages[number], people[number]).status_code

    with one_commit(world) as joins:
        for number in range(3):
            joins(lambda number=number: sign_in(number))
    assert answers == dict.fromkeys(range(3), 303)
    for person, browser in zip(people, browsers, strict=True):
        assert known(world, person, cookie(browser, DEVICE)) == [True]


@pytest.mark.attack("TOP-07")
def test_trust_that_is_given_in_one_commit_with_a_trusted_browser_is_no_others(
    world: World,
) -> None:
    tenant = world.tenant()
    set_policy(world, tenant, trusted_device_days=DAYS)
    ada, eve = Keeper(world, tenant), Keeper(world, tenant)
    ada.add()
    eve.add()
    hers, theirs = trusted(ada), Browser(world)
    form, code = hers.get("/login/password?to=overview"), at_the_code(eve, theirs)
    assert eve.app is not None
    typed, answers = eve.app.code(), list[int]()

    with one_commit(world) as joins:
        joins(lambda: answers.append(hers.sign_in(form, ada.user, password="Wrong-7").status_code))
        joins(
            lambda: answers.append(theirs.submit(code, code=typed, trust="yes").status_code),
        )
    assert sorted(answers) == [303, 401]
    thief = Browser(world)
    thief.http.set_cookie(COOKIE, cookie(theirs, COOKIE), domain="auth.example", secure=True)
    assert asks(ada, thief), "the token that eve got means eve"
    assert not asks(ada, hers)
