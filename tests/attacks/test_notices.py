"""Whoever knows a password does not stay unseen: what people are told by mail (ASVS 6.3.5)."""

from email.message import EmailMessage

import pytest

from tests.support.account import FIREFOX, IPHONE, agree, enter, signed_in_from
from tests.support.authenticator import Owner
from tests.support.browser import Browser
from tests.support.mails import html_of, mails, text_of
from tests.support.world import ClientFixture, UserFixture, World

HOSTILE = "Firefox/1.0 https://evil.example/<b>call 555 now</b> Windows"


@pytest.fixture
def person(client: ClientFixture, world: World) -> UserFixture:
    return world.user(client.tenant)


def only(found: list[EmailMessage]) -> str:
    """Return the text of the one mail that there is."""
    (mail,) = found
    return text_of(mail)


def wrong(world: World, person: UserFixture, times: int) -> None:
    browser = Browser(world)
    page = browser.follow(browser.get("/account"))
    for _ in range(times):
        assert browser.sign_in(page, person, password="Wrong-Horse-7").status_code == 401


@pytest.mark.every_database
@pytest.mark.attack("ASVS-6.3.5")
def test_a_stranger_who_signs_in_with_the_password_is_told_of(
    world: World, person: UserFixture
) -> None:
    signed_in_from(world, person, FIREFOX)
    assert mails(world, person.id, "new_browser") == []
    signed_in_from(world, person, IPHONE)
    told = only(mails(world, person.id, "new_browser"))
    assert "Safari, iOS" in told
    assert "127.0.0.1" in told
    assert "https://auth.example/account/sessions" in told
    assert "https://auth.example/account/password" in told


def test_the_same_browser_is_told_of_once(world: World, person: UserFixture) -> None:
    first = signed_in_from(world, person, FIREFOX)
    second = signed_in_from(world, person, FIREFOX)
    for browser in (first, second, second):
        browser.http.delete_cookie("__Host-as-session", domain="auth.example")
        enter(browser, person)
    assert len(mails(world, person.id, "new_browser")) == 1


def test_a_browser_of_somebody_else_is_new_to_the_account(
    world: World, person: UserFixture
) -> None:
    signed_in_from(world, person, FIREFOX)
    other = world.user(person.tenant)
    browser = signed_in_from(world, other, FIREFOX)
    browser.http.delete_cookie("__Host-as-session", domain="auth.example")
    enter(browser, person)
    assert len(mails(world, person.id, "new_browser")) == 1
    assert mails(world, other.id, "new_browser") == []


def test_a_browser_that_was_last_seen_long_ago_is_none_that_is_known(
    world: World, person: UserFixture
) -> None:
    signed_in_from(world, person, FIREFOX)
    world.clock.move(days=181)
    signed_in_from(world, person, IPHONE)
    assert mails(world, person.id, "new_browser") == []


def test_a_sign_in_at_a_tenants_own_issuer_leads_to_the_sessions_there(world: World) -> None:
    tenant = world.tenant(own_issuer=True)
    person, prefix = world.user(tenant), f"/t/{tenant.slug}"
    for _ in range(2):
        enter(Browser(world, prefix), person)
    told = only(mails(world, person.id, "new_browser"))
    assert f"https://auth.example{prefix}/account/sessions" in told


def test_a_second_factor_does_not_keep_the_mail_away(owner: Owner) -> None:
    owner.sign_in(Browser(owner.world))
    assert len(mails(owner.world, owner.user.id, "new_browser")) == 1


def test_who_has_only_half_signed_in_makes_no_browser_known(owner: Owner) -> None:
    owner.at_the_code()
    assert mails(owner.world, owner.user.id, "new_browser") == []


@pytest.mark.attack("ATK-074")
def test_a_known_password_and_three_wrong_codes_are_told_once_in_a_sign_in(owner: Owner) -> None:
    world, browser = owner.world, Browser(owner.world)
    page = owner.at_the_code(browser)
    sent = []
    for _ in range(5):
        browser.submit(page, code=owner.app.wrong())
        sent.append(len(mails(world, owner.user.id, "factor_refused")))
    assert sent == [0, 0, 1, 1, 1]
    # The password typed again begins no other sign-in, and no other mail.
    flow = page.request.args["flow"]
    again = browser.get("/login/password", query_string={"flow": flow})
    page = browser.follow(browser.follow(browser.sign_in(again, owner.user)))
    browser.submit(page, code=owner.app.wrong())
    told = only(mails(world, owner.user.id, "factor_refused"))
    assert "wrong second factor 3 times" in told
    assert "https://auth.example/account/password" in told


def test_who_mistypes_the_codes_of_a_first_app_is_not_told_of_a_stranger(
    world: World, client: ClientFixture, person: UserFixture
) -> None:
    browser = Browser(world)
    back = browser.sign_in(browser.authorize(client, acr_values="urn:authserver:acr:mfa"), person)
    page = browser.follow(browser.follow(back))
    assert page.request.path == "/login/mfa/setup"
    for _ in range(4):
        browser.submit(page, code="000000")
    assert mails(world, person.id, "factor_refused") == []


@pytest.mark.parametrize(("failures", "told"), [(4, 0), (5, 1)])
def test_a_right_password_after_many_wrong_ones_is_told_of(
    world: World, person: UserFixture, failures: int, told: int
) -> None:
    known = signed_in_from(world, person, FIREFOX)
    known.http.delete_cookie("__Host-as-session", domain="auth.example")
    wrong(world, person, failures)
    enter(known, person)
    found = mails(world, person.id, "wrong_passwords_before")
    assert len(found) == told
    assert all("after 5 wrong ones" in text_of(mail) for mail in found)
    known.http.delete_cookie("__Host-as-session", domain="auth.example")
    enter(known, person)
    assert len(mails(world, person.id, "wrong_passwords_before")) == told


def test_a_guessed_password_is_told_of_even_without_the_second_factor(owner: Owner) -> None:
    world = owner.world
    wrong(world, owner.user, 5)
    world.clock.move(minutes=31)
    owner.at_the_code()
    assert len(mails(world, owner.user.id, "wrong_passwords_before")) == 1


def test_ending_sessions_is_told_once_for_the_act(world: World, person: UserFixture) -> None:
    here = signed_in_from(world, person, FIREFOX)
    for _ in range(3):
        signed_in_from(world, person, IPHONE)
    agree(here, "sessions", "others")
    told = only(mails(world, person.id, "sessions_ended"))
    assert "Firefox, Linux" in told
    agree(here, "sessions", "others")
    assert len(mails(world, person.id, "sessions_ended")) == 1, "there was nothing to end"


def test_forgetting_devices_is_told_once_for_the_act(world: World, person: UserFixture) -> None:
    here = signed_in_from(world, person, FIREFOX)
    for _ in range(2):
        signed_in_from(world, person, IPHONE)
    agree(here, "security", "all")
    assert "Firefox, Linux" in only(mails(world, person.id, "devices_forgotten"))


def test_no_mail_has_words_of_a_strangers_browser(world: World, person: UserFixture) -> None:
    signed_in_from(world, person, FIREFOX)
    here = signed_in_from(world, person, HOSTILE)
    agree(here, "sessions", "others")
    agree(here, "security", "all")
    found = mails(world, person.id)
    assert len(found) == 3
    for mail in found:
        for body in (text_of(mail), html_of(mail)):
            assert "evil" not in body
            assert "555" not in body
