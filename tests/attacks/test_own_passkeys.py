"""Attacks on /account/passkeys: no recent sign-in, somebody else's, another session's."""

from dataclasses import replace

import pytest

from tests.support.account import enter, open_guest
from tests.support.authenticator import Owner, codes_on, where
from tests.support.browser import Browser, hidden
from tests.support.passkeys import (
    OWN,
    SoftKey,
    add,
    added,
    id_of,
    listed,
    new_page,
    options,
    send,
    signs_in,
)
from tests.support.trail import events
from tests.support.world import ClientFixture, UserFixture, World


@pytest.fixture
def person(world: World, client: ClientFixture) -> UserFixture:
    return world.user(client.tenant)


@pytest.fixture
def browser(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    enter(browser, person)
    return browser


@pytest.mark.every_database
def test_every_change_takes_a_recent_sign_in(
    world: World, client: ClientFixture, browser: Browser
) -> None:
    add(browser, SoftKey())
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    new = new_page(browser)
    asked = options(browser, new, OWN)
    world.clock.move(minutes=6)
    for named in (about, "new"):
        assert where(browser.get(OWN, query_string={"about": named})) == "/login/password"
    for form in (
        {**hidden(page), "about": about, "act": "remove"},
        {**hidden(page), "about": about, "act": "rename", "name": "x"},
        {**hidden(new), "ask": "options"},
        {**hidden(new), "answer": SoftKey().create(asked)},
    ):
        assert where(browser.post(OWN, data=form)) == "/login/password", form
    assert len(events(world, client.tenant.id, "passkey.added")) == 1
    assert events(world, client.tenant.id, "passkey.removed") == []


@pytest.mark.attack("ATK-092")
def test_without_a_session_there_is_nothing(world: World, client: ClientFixture) -> None:
    stranger = Browser(world)
    page = stranger.get("/login/logout")
    form = {**hidden(page), "about": "new", "ask": "options"}
    assert where(stranger.get(OWN)) == "/login/password"
    assert where(stranger.post(OWN, data=form)) == "/login/password"
    owner = Owner(world, client)
    half = owner.at_the_code(stranger)
    form = {**hidden(half), "about": "new", "ask": "options"}
    assert where(stranger.post(OWN, data=form)) == "/login/password"


@pytest.mark.attack("ATK-080")
def test_a_passkey_of_somebody_else_is_not_there(
    world: World, client: ClientFixture, browser: Browser
) -> None:
    other, key = Browser(world), SoftKey()
    enter(other, world.user(client.tenant))
    add(other, key)
    about = f"pky_{id_of(other)}"
    assert browser.get(OWN, query_string={"about": about}).status_code == 404
    form = hidden(new_page(browser))
    for act in ("rename", "remove"):
        data = {**form, "about": about, "act": act, "name": "mine"}
        assert browser.post(OWN, data=data).status_code == 404
    assert signs_in(world, client, key)


@pytest.mark.attack("ATK-071")
def test_a_challenge_belongs_to_its_session(
    world: World, client: ClientFixture, person: UserFixture, browser: Browser
) -> None:
    other = Browser(world)
    enter(other, person)
    page, theirs = new_page(browser), new_page(other)
    made = SoftKey().create(options(other, theirs, OWN))
    assert send(browser, page, OWN, made).status_code == 400
    asked = options(browser, page, OWN)
    world.clock.move(minutes=5)
    assert send(browser, page, OWN, SoftKey().create(asked)).status_code == 400
    assert events(world, client.tenant.id, "passkey.added") == []


def test_a_guest_account_has_no_passkeys(world: World, client: ClientFixture) -> None:
    person, browser = world.user(client.tenant), Browser(world)
    enter(browser, person)
    open_guest(browser, world, person)
    assert "passkeys-title" not in listed(browser)
    assert browser.get(OWN, query_string={"about": "new"}).status_code == 404


def test_an_unknown_act_is_malformed(browser: Browser) -> None:
    add(browser, SoftKey())
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    form = {**hidden(page), "about": about, "act": "steal"}
    assert browser.post(OWN, data=form).status_code == 400
    assert browser.get(OWN).headers["Location"] == "/account/security#passkeys"


def test_an_actor_of_another_epoch_changes_nothing(
    world: World, client: ClientFixture, person: UserFixture, browser: Browser
) -> None:
    """Disabled between the page and the form: the session is over."""
    page = new_page(browser)
    asked = options(browser, page, OWN)
    by = replace(world.operator, principal=client.tenant.id)
    world.services.database.write(
        lambda tx: world.services.accounts.set_enabled(
            tx, client.tenant.id, user_id=person.id, enabled=False, actor=by
        )
    )
    assert where(send(browser, page, OWN, SoftKey().create(asked))) == "/login/password"
    assert events(world, client.tenant.id, "passkey.added") == []


@pytest.mark.attack("ATK-064")
def test_a_copy_of_the_cookie_is_worth_nothing_after_a_change(
    world: World, browser: Browser
) -> None:
    thief, session = Browser(world), "__Host-as-session"

    def copy() -> None:
        stolen = browser.http.get_cookie(session, "auth.example").value
        thief.http.set_cookie(session, stolen, domain="auth.example", secure=True)

    copy()
    assert thief.get("/account").status_code == 200
    add(browser, SoftKey())
    assert where(thief.get("/account")) == "/login/password"
    copy()
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    browser.post(OWN, data={**hidden(page), "about": about, "act": "remove"})
    assert where(thief.get("/account")) == "/login/password"
    assert browser.get("/account").status_code == 200


def test_the_codes_of_a_first_passkey_are_shown_in_its_browser_alone(
    world: World, browser: Browser
) -> None:
    """Not to a copy of the session's cookie, and not by the answer that adds the passkey."""
    answer = added(browser, SoftKey())
    assert not codes_on(answer)
    copy, session = Browser(world), "__Host-as-session"
    stolen = browser.http.get_cookie(session, "auth.example").value
    copy.http.set_cookie(session, stolen, domain="auth.example", secure=True)
    assert copy.get("/account").status_code == 200
    assert not codes_on(copy.get("/account/factors/codes"))
    assert len(codes_on(browser.follow(answer))) == 10
