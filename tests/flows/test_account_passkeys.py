"""/account/passkeys as its owner uses it, and as others try to."""

import pytest

from tests.attacks.factors import mails
from tests.flows.test_second_factor import MFA, require
from tests.support.account import enter
from tests.support.authenticator import codes_on, where
from tests.support.browser import Browser, Party, hidden
from tests.support.passkeys import (
    ALONE,
    OWN,
    Holder,
    SoftKey,
    add,
    added,
    ask,
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
def client(world: World) -> ClientFixture:
    return world.client(world.tenant())


@pytest.fixture
def person(world: World, client: ClientFixture) -> UserFixture:
    return world.user(client.tenant)


@pytest.fixture
def browser(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    enter(browser, person)
    return browser


def test_the_first_passkey_brings_backup_codes_and_ends_what_was_there(
    world: World, client: ClientFixture, person: UserFixture, browser: Browser
) -> None:
    assert "You have no passkey yet." in listed(browser)
    elsewhere = Browser(world)
    party = Party(world, client)
    tokens = party.redeem(elsewhere.code(client, person)).json
    key = SoftKey()
    answer = added(browser, key)
    assert where(answer) == "/account/factors/codes", "the same page as after a first app"
    shown = browser.follow(answer)
    assert "You can sign in with it now." in shown.text
    codes = codes_on(shown)
    assert len(codes) == 10
    assert party.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert where(browser.authorize(client, acr_values=MFA, prompt="none")) == "client"
    assert where(elsewhere.get("/account")) == "/login/password"
    kept = browser.submit(shown, kept="yes")
    assert where(kept) == "/account/security"
    page = listed(browser)
    assert "You have 10 backup codes left." in page
    assert "Passkey" in page
    assert "Synced" in page
    assert mails(world, person, "passkey_added") == 1
    (event,) = events(world, client.tenant.id, "passkey.added")
    assert event.document["facts"]["synced"] is True
    assert signs_in(world, client, key)
    by_code = Browser(world)
    back = by_code.sign_in(by_code.authorize(client), person)
    asked = by_code.follow(by_code.follow(by_code.follow(back)))
    flow = asked.request.args["flow"]
    form = by_code.get("/login/mfa", query_string={"flow": flow, "method": "backup_code"})
    assert by_code.submit(form, code=codes[0]).status_code == 303


def test_codes_count_even_if_nobody_ticks_the_box(
    world: World, client: ClientFixture, browser: Browser
) -> None:
    key = SoftKey()
    codes = codes_on(browser.follow(added(browser, key)))
    assert codes_on(browser.get("/account/factors/codes")) == codes, "for a quarter of an hour"
    assert signs_in(world, client, key), "no new ones are made at the next sign-in"
    world.clock.move(minutes=15)
    assert not codes_on(browser.get("/account/factors/codes"))


def test_with_the_last_passkey_the_backup_codes_go(browser: Browser) -> None:
    answer = added(browser, SoftKey())
    shown = browser.follow(answer)
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    answer = browser.post(OWN, data={**hidden(page), "about": about, "act": "remove"})
    assert "You have no second factor any more." in browser.follow(answer).text
    assert codes_on(shown)
    assert where(browser.get("/account/factors/codes")) == "/account/security", "nor are they shown"


def test_the_second_passkey_ends_nothing_and_has_another_name(
    world: World, browser: Browser, client: ClientFixture
) -> None:
    add(browser, SoftKey())
    other = SoftKey(synced=False)
    other.model = bytes.fromhex("cb69481e8ff7403993ec0a2729a154a8")
    answer = add(browser, other)
    assert "YubiKey” was added" in browser.follow(answer).text
    third = SoftKey()
    add(browser, third)
    page = listed(browser)
    assert "YubiKey" in page
    assert "Passkey 2" in page
    assert signs_in(world, client, other)


def test_the_same_authenticator_is_told_what_it_has(browser: Browser) -> None:
    key = SoftKey()
    add(browser, key)
    offered = options(browser, new_page(browser), OWN)
    assert [one["id"] for one in offered["excludeCredentials"]] != []
    handle = offered["user"]["id"]
    add(browser, SoftKey())
    assert options(browser, new_page(browser), OWN)["user"]["id"] == handle


def test_a_person_has_twenty_at_most(browser: Browser) -> None:
    add(browser, SoftKey())
    page = new_page(browser)
    for _ in range(19):
        asked = options(browser, page, OWN)
        last = asked
        assert send(browser, page, OWN, SoftKey().create(asked)).status_code == 303
    assert ask(browser, page, OWN).status_code == 409
    assert send(browser, page, OWN, SoftKey().create(last)).status_code == 400
    assert "as many passkeys as an account can have" in listed(browser)


def test_rename(world: World, client: ClientFixture, person: UserFixture, browser: Browser) -> None:
    add(browser, SoftKey())
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    form = {**hidden(page), "about": about, "act": "rename"}
    for nothing_seen, said in (
        ("   ", "Enter a name."),
        ("x" * 61, "at most 60 characters"),
        ("My \u202eenohp", "without invisible ones"),
        ("My\u200bphone", "without invisible ones"),
        ("\u3164", "without invisible ones"),
    ):
        refused = browser.post(OWN, data={**form, "name": nothing_seen})
        assert refused.status_code == 400
        assert said in refused.text
    assert mails(world, person, "passkey_renamed") == 0
    renamed = browser.post(OWN, data={**form, "name": "  My <b>phone</b> "})
    assert renamed.status_code == 303
    assert "My &lt;b&gt;phone&lt;/b&gt;" in listed(browser)
    assert len(events(world, client.tenant.id, "passkey.renamed")) == 1
    assert mails(world, person, "passkey_renamed") == 1


def test_removing_ends_everything_else_and_is_told(
    world: World, client: ClientFixture, person: UserFixture, browser: Browser
) -> None:
    lost, kept = SoftKey(), SoftKey()
    add(browser, lost)
    add(browser, kept)
    thief = Browser(world)
    page = thief.follow(thief.authorize(client))
    send(thief, page, ALONE, lost.get(options(thief, page, ALONE)))
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    form = {**hidden(page), "about": about, "act": "remove"}
    answer = browser.post(OWN, data=form)
    assert answer.status_code == 303
    assert "was removed" in browser.follow(answer).text, "this browser stays signed in"
    assert where(thief.get("/account")) == "/login/password"
    assert not signs_in(world, client, lost)
    assert mails(world, person, "passkey_removed") == 1
    assert len(events(world, client.tenant.id, "passkey.removed")) == 1
    assert browser.post(OWN, data=form).status_code == 400, "forms of before are void"
    assert browser.get(OWN, query_string={"about": about}).status_code == 404


def test_the_last_factor_stays_where_one_is_demanded(world: World, client: ClientFixture) -> None:
    holder = Holder(world, client)
    browser = holder.browser
    page = browser.get("/account/security")
    if where(page) == "/login/password":
        page = browser.follow(page)
        send(browser, page, ALONE, holder.key.get(options(browser, page, ALONE)))
    require(world, client.tenant)
    asked = browser.follow(browser.get("/account/security"))
    send(browser, asked, ALONE, holder.key.get(options(browser, asked, ALONE)))
    about = f"pky_{id_of(browser)}"
    page = browser.get(OWN, query_string={"about": about})
    assert "your only second factor" in page.text
    form = {**hidden(page), "about": about, "act": "remove"}
    assert "your only second factor" in browser.post(OWN, data=form).text
    assert holder.sign_in(Browser(world)).status_code == 303
    require(world, client.tenant, required=False)
