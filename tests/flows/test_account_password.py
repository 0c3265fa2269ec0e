"""The page that changes the password: with the present one, and everything else ends."""

import pytest
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from authserver.tenants.policy import PasswordPreset
from tests.support.account import enter, open_guest
from tests.support.authenticator import where
from tests.support.browser import Browser, Party
from tests.support.factors import Keeper, edit, set_policy
from tests.support.mails import mails
from tests.support.trail import events
from tests.support.world import PASSWORD, World

NEW = "Another-Horse-8"
SESSION = "__Host-as-session"


@pytest.fixture
def keeper(world: World) -> Keeper:
    return Keeper(world)


def change(keeper: Keeper, present: str = PASSWORD, new: str = NEW) -> TestResponse:
    page = keeper.get("password")
    assert page.status_code == 200
    return keeper.browser.submit(page, present=present, new=new)


def name_of(browser: Browser) -> str:
    cookie = browser.http.get_cookie(SESSION, "auth.example")
    assert cookie is not None
    return cookie.value


def test_it_is_reached_from_the_page_of_security(keeper: Keeper) -> None:
    assert 'href="/account/password"' in keeper.get("security").text
    page = keeper.get("password")
    assert 'aria-current="page">Security' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert 'autocomplete="new-password"' in page.text
    assert f'value="{keeper.user.email}" autocomplete="username"' in page.text
    assert "at least 8 characters" in page.text


def test_the_rules_are_those_of_the_tenant(world: World, keeper: Keeper) -> None:
    set_policy(world, keeper.tenant, password_preset=PasswordPreset.NIST)
    assert "at least 15 characters" in keeper.get("password").text
    refused = change(keeper, new="Short-Horse-9")
    assert refused.status_code == 400
    assert "This password cannot be used." in refused.text


def test_this_session_goes_on_under_a_new_name_and_everything_else_ends(
    world: World, keeper: Keeper
) -> None:
    client = world.client(keeper.tenant)
    other = keeper.elsewhere()
    tokens = Party(world, client).redeem(other.code(client, keeper.user)).json
    before = name_of(keeper.browser)
    answer = change(keeper)
    assert answer.headers["Location"] == "/account/security"
    assert "Your password was changed." in keeper.browser.follow(answer).text
    assert name_of(keeper.browser) != before
    assert not keeper.is_in(other)
    assert Party(world, client).refresh(tokens["refresh_token"]).status_code == 400
    thief = Browser(world)
    thief.http.set_cookie(SESSION, before, domain="auth.example", secure=True)
    assert not keeper.is_in(thief)
    keeper.user.password = NEW
    assert keeper.is_in(keeper.elsewhere())


def test_the_person_gets_a_mail_and_the_trail_an_event(world: World, keeper: Keeper) -> None:
    change(keeper)
    (mail,) = mails(world, keeper.user.id, "password_changed")
    assert mail["To"] == keeper.user.email
    assert len(events(world, keeper.tenant.id, EventType.USER_PASSWORD_CHANGED)) == 1


@pytest.mark.attack("ATK-075")
def test_wrong_present_passwords_count_like_those_at_the_sign_in(
    world: World, keeper: Keeper
) -> None:
    for _ in range(5):
        refused = change(keeper, present="Wrong-Horse-7")
        assert refused.status_code == 403
        assert "wrong, or cannot be used for now" in refused.text
        assert "Wrong-Horse-7" not in refused.text
        assert NEW not in refused.text
    locked = change(keeper)
    assert locked.status_code == 403
    assert "wrong, or cannot be used for now" in locked.text, "no word of the lock: it would tell"
    assert events(world, keeper.tenant.id, EventType.ACCOUNT_LOCKED)
    assert mails(world, keeper.user.id, "account_locked")


def test_what_was_guessed_too_often_needs_a_mailed_link(world: World, keeper: Keeper) -> None:
    edit(world, keeper.user, password_reset_required=True)
    answer = change(keeper)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert "/login/recover" in answer.text


@pytest.mark.parametrize("new", ["short", PASSWORD, "Password-1"])
def test_a_weak_or_unchanged_password_is_refused_in_words(keeper: Keeper, new: str) -> None:
    refused = change(keeper, new=new)
    assert refused.status_code == 400
    assert "Strength of the refused password" in refused.text
    assert change(keeper).status_code == 303


@pytest.mark.attack("ATK-077")
def test_sending_the_form_twice_changes_it_once(world: World, keeper: Keeper) -> None:
    page = keeper.get("password")
    first = keeper.browser.submit(page, present=PASSWORD, new=NEW)
    second = keeper.browser.submit(page, present=PASSWORD, new=NEW)
    assert first.status_code == 303
    assert second.status_code == 400, "the form is stale: the browser has a new name"
    assert len(events(world, keeper.tenant.id, EventType.USER_PASSWORD_CHANGED)) == 1
    assert not events(world, keeper.tenant.id, EventType.USER_PASSWORD_REFUSED)


def test_an_account_without_a_password_says_so(world: World, keeper: Keeper) -> None:
    edit(world, keeper.user, password_hash=None, password_changed_at=None)
    assert "This account has no password." in keeper.get("security").text
    page = keeper.get("password")
    assert "This account has no password." in page.text
    assert "/login/recover" in page.text
    assert keeper.post("password", present=PASSWORD, new=NEW).status_code == 403


def test_where_a_factor_is_due_it_has_to_be_shown_first(world: World, keeper: Keeper) -> None:
    set_policy(world, keeper.tenant, trusted_device_days=7)
    keeper.add()
    browser = Browser(world)
    keeper.sign_in(browser, trust="yes")
    browser.submit(browser.get("/login/logout"))
    enter(browser, keeper.user)
    assert where(browser.get("/account/password")) == "/login/password"


def test_a_guest_is_told_where_the_password_is(world: World) -> None:
    keeper = Keeper(world)
    home = keeper.user
    guest = open_guest(keeper.browser, world, home)
    for page in ("password", "add_factor", "backup_codes", "rename_factor", "end_trust"):
        shown = keeper.get(page)
        assert shown.status_code == 200
        assert home.email in shown.text
        assert "Not in this account" in shown.text
        assert 'href="/account/tenants"' in shown.text
        assert "<form" not in shown.text.partition("<main")[2]
        assert keeper.post(page, present=PASSWORD, new=NEW).status_code == 403
    security = keeper.get("security").text
    assert home.email in security
    assert "/account/password" not in security
    assert not events(world, guest.tenant.id, EventType.USER_PASSWORD_CHANGED)
