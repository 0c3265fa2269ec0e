"""The button that sends a link to an address that nobody has confirmed."""

import re

import pytest

from authserver.audit.events import EventType
from tests.support.account import FIREFOX, enter, open_guest, signed_in_from
from tests.support.browser import Browser, hidden
from tests.support.mails import link_in, mails, path_of
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant(), verified=False)


@pytest.fixture
def mine(world: World, person: UserFixture) -> Browser:
    return in_a_browser(world, person)


def in_a_browser(world: World, person: UserFixture, browser: Browser | None = None) -> Browser:
    """Sign in by the name of the tenant: without it, only confirmed addresses are looked for."""
    browser = browser or Browser(world)
    page = browser.follow(browser.get("/account"))
    assert browser.sign_in(page, person, organization=person.tenant.slug).status_code == 303
    return browser


def press(browser: Browser) -> str:
    """Press the button and return the page after it."""
    form = hidden(browser.get("/account/profile"))
    answer = browser.post("/account/email", data={**form, "do": "verify"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    return browser.follow(answer).text


def test_the_overview_has_the_button_as_long_as_the_address_is_unconfirmed(
    world: World, person: UserFixture, mine: Browser
) -> None:
    page = mine.get("/account").text
    assert "Unconfirmed email address" in page
    assert re.search(r'action="/account/email".*?value="verify"', page, re.DOTALL)
    confirmed = signed_in_from(world, world.user(person.tenant), FIREFOX)
    assert 'value="verify"' not in confirmed.get("/account").text


def test_the_link_goes_to_the_stored_address_and_confirms_it(
    world: World, person: UserFixture, mine: Browser
) -> None:
    assert f"A link is on its way to {person.email}." in press(mine)
    (mail,) = mails(world, person.id, "verify_email")
    assert mail["To"] == person.email
    event = events(world, person.tenant.id, EventType.VERIFICATION_SENT)[-1]
    assert event.document["actor"]["kind"] == "user"
    reader = Browser(world)
    page = reader.follow(reader.get(path_of(link_in(mail))))
    assert reader.submit(page).status_code == 303
    assert mine.get("/account").status_code == 303, "the first proof ends what was before"


def test_three_links_an_hour_and_each_known_browser_has_its_own(
    world: World, person: UserFixture, mine: Browser
) -> None:
    said = [press(mine) for _ in range(4)]
    assert ["on its way" in text for text in said] == [True, True, True, False]
    assert "You asked for too many links." in said[3]
    assert "on its way" in press(in_a_browser(world, person))
    assert len(mails(world, person.id, "verify_email")) == 4
    world.clock.move(minutes=61)
    in_a_browser(world, person, mine)
    assert "on its way" in press(mine)


def test_links_for_new_passwords_are_counted_apart(
    world: World, person: UserFixture, mine: Browser
) -> None:
    for _ in range(3):
        press(mine)
    asker = Browser(world)
    page = asker.get("/login/recover")
    asker.submit(page, email=person.email, organization=person.tenant.slug)
    assert len(mails(world, person.id, "new_password")) == 1


def test_a_confirmed_address_gets_no_link(world: World, person: UserFixture) -> None:
    confirmed = world.user(person.tenant)
    browser = signed_in_from(world, confirmed, FIREFOX)
    assert "There is nothing to confirm any more." in press(browser)
    assert mails(world, confirmed.id, "verify_email") == []


def test_a_guest_is_confirmed_at_home(world: World) -> None:
    home = world.user(world.tenant())
    browser = Browser(world)
    enter(browser, home)
    guest = open_guest(browser, world, home)
    assert 'value="verify"' not in browser.get("/account").text
    press(browser)
    assert mails(world, guest.id, "verify_email") == []


def test_a_form_without_the_token_sends_nothing(
    world: World, person: UserFixture, mine: Browser
) -> None:
    form = hidden(mine.get("/account"))
    del form["csrf_token"]
    assert mine.post("/account/email", data={**form, "do": "verify"}).status_code >= 400
    assert mails(world, person.id, "verify_email") == []


def test_who_has_no_second_factor_is_offered_a_passkey_and_an_app(mine: Browser) -> None:
    page = mine.get("/account").text
    assert 'href="/account/passkeys?about=new"' in page
    assert 'href="/account/factors/add"' in page
