"""What else a person says of themselves at /account/profile, and who learns it."""

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.audit.events import EventType
from tests.support.account import enter
from tests.support.browser import Browser, Party
from tests.support.details import say
from tests.support.trail import events, personal
from tests.support.world import UserFixture, World


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant())


@pytest.fixture
def browser(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    enter(browser, person)
    return browser


def save(browser: Browser, **fields: str) -> TestResponse:
    typed = {"name": "Ada", "locale": "", "zoneinfo": "", **fields}
    return browser.submit(browser.get("/account/profile"), **typed)


def kept(world: World, person: UserFixture) -> dict[str, object] | None:
    with world.services.database.read() as view:
        wanted = select(User.details).where(User.id == person.id)
        return view.tenant(person.tenant.id).scalar(wanted)


def told(world: World, browser: Browser, person: UserFixture, scope: str) -> dict[str, object]:
    client = world.client(person.tenant)
    tokens = Party(world, client).redeem(browser.code(client, person, scope=scope)).json
    return Party(world, client).userinfo(tokens["access_token"]).json


def test_what_is_saved_is_shown_and_told_to_whom_it_is_allowed(
    world: World, person: UserFixture, browser: Browser
) -> None:
    saved = save(
        browser,
        given_name="Ada",
        birthdate="1990-12-31",
        phone_number="+49 30 123456",
        website="https://ada.example",
        locality="London",
    )
    assert saved.status_code == 303
    page = browser.get("/account/profile").text
    assert '<details class="more" open>' in page
    assert 'value="+4930123456"' in page
    claims = told(world, browser, person, "openid phone address")
    assert (claims["phone_number"], claims["phone_number_verified"]) == ("+4930123456", False)
    assert claims["address"] == {"locality": "London", "formatted": "London"}
    assert not {"birthdate", "given_name", "website"} & set(claims)
    claims = told(world, browser, person, "openid profile")
    assert (claims["birthdate"], claims["given_name"]) == ("1990-12-31", "Ada")
    assert not {"phone_number", "address"} & set(claims)


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    world: World, person: UserFixture, browser: Browser
) -> None:
    page = save(browser, birthdate="31.12.1990", website="javascript:alert(1)", nickname="<b>")
    assert page.status_code == 400
    assert '<details class="more" open>' in page.text
    assert page.text.count('aria-invalid="true"') == 2
    assert 'value="31.12.1990"' in page.text
    assert "&lt;b&gt;" in page.text
    assert "Enter the date as year, month and day" in page.text
    assert "Enter a web address that begins with https:// or http://." in page.text
    assert kept(world, person) is None


def test_who_says_nothing_more_has_nothing_more(
    world: World, person: UserFixture, browser: Browser
) -> None:
    assert '<details class="more">' in browser.get("/account/profile").text
    save(browser, gender="x")
    assert kept(world, person) == {"gender": "x"}
    save(browser, gender="")
    assert kept(world, person) is None


def test_a_number_stays_confirmed_until_it_is_another(
    world: World, person: UserFixture, browser: Browser
) -> None:
    say(world, person, phone_number="+4930123456", phone_verified=True)
    assert save(browser, phone_number="+49 30 123456", gender="f").status_code == 303
    assert "Confirmed" in browser.get("/account/profile").text.partition("phone_number-hint")[2]
    assert told(world, browser, person, "openid phone")["phone_number_verified"] is True
    save(browser, phone_number="+49 30 123457", phone_number_verified="true")
    assert told(world, browser, person, "openid phone")["phone_number_verified"] is False


def test_the_trail_names_the_fields_and_hides_what_they_hold(
    world: World, person: UserFixture, browser: Browser
) -> None:
    save(browser, name="Ada Lovelace", phone_number="+49 30 123456", locality="London")
    (event,) = events(world, person.tenant.id, EventType.USER_PROFILE_CHANGED)
    assert event.document["facts"] == {"changed": ["phone_number", "locality"]}
    assert b"London" not in event.body
    assert b"123456" not in event.body
    assert personal(world, event)["phone_number_after"] == "+4930123456"


@pytest.mark.attack("ATK-111")
def test_nobody_changes_what_another_says(
    world: World, person: UserFixture, browser: Browser
) -> None:
    """The form names nobody: it is always about who is signed in."""
    other = world.user(person.tenant)
    save(browser, gender="x", user_id=other.id, id=other.id)
    assert kept(world, other) is None
    assert kept(world, person) == {"gender": "x"}
