"""Attacks around passkeys: whose they are, how often they count, and ways past them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.attacks.factors import MFA, has_session, mails
from tests.support.authenticator import Owner, halfway, where
from tests.support.browser import Browser, answered, hidden
from tests.support.mails import links, path_of
from tests.support.parallel import together
from tests.support.passkeys import (
    ALONE,
    SECOND,
    SET_UP,
    Holder,
    SoftKey,
    ask,
    options,
    send,
)
from tests.support.trail import events
from tests.support.world import ClientFixture, World


@pytest.fixture
def holder(world: World, client: ClientFixture) -> Holder:
    return Holder(world, client)


def refused(browser: Browser, answer: TestResponse) -> bool:
    """Tell whether an answer is the one refusal, and left nothing behind."""
    assert answer.status_code == 401, (answer.status_code, answer.headers.get("Location"))
    assert "This passkey was not accepted." in answer.text
    assert not has_session(browser)
    assert browser.http.get_cookie("__Host-as-partial", "auth.example") is None
    return True


def test_a_counter_that_goes_back_is_refused_and_told(world: World, client: ClientFixture) -> None:
    holder = Holder(world, client, SoftKey(synced=False, counts=True))
    for _ in range(2):
        assert holder.sign_in(Browser(world)).status_code == 303
    before = holder.key.count
    holder.key.count -= 1  # a copy that was made before the last use
    assert refused(Browser(world), holder.sign_in(Browser(world)))
    (event,) = events(world, client.tenant.id, "passkey.repeated")
    assert event.document["facts"] == {"before": before, "now": before}
    assert mails(world, holder.user, "passkey_repeated") == 1
    assert holder.sign_in(Browser(world)).status_code == 303, "the real one counts on"


def test_a_counter_that_stops_counting_is_refused(world: World, client: ClientFixture) -> None:
    holder = Holder(world, client, SoftKey(synced=False, counts=True))
    holder.key.counts, holder.key.count = False, 0
    assert holder.sign_in(Browser(world)).status_code == 401
    assert len(events(world, client.tenant.id, "passkey.repeated")) == 1


@pytest.mark.attack("ATK-111")
@pytest.mark.attack("ATK-090")
def test_a_passkey_of_another_tenant_is_unknown_here(world: World, holder: Holder) -> None:
    elsewhere = world.client(world.tenant())
    browser = Browser(world)
    page = browser.follow(browser.authorize(elsewhere))
    made = holder.key.get(options(browser, page, ALONE))
    assert refused(browser, send(browser, page, ALONE, made))
    (event,) = events(world, elsewhere.tenant.id, "sign_in.failed")
    assert event.document["subject"] is None
    assert event.document["facts"]["reason"] == "elsewhere"
    assert events(world, holder.user.tenant.id, "sign_in.failed") == []


@pytest.mark.attack("ATK-090")
def test_a_passkey_is_unknown_at_another_tenants_issuer(world: World, holder: Holder) -> None:
    tenant = world.tenant(own_issuer=True)
    browser = Browser(world, f"/t/{tenant.slug}")
    page = browser.follow(browser.get(f"{browser.prefix}/account/security"))
    path = browser.prefix + ALONE
    made = holder.key.get(options(browser, page, path))
    assert refused(browser, send(browser, page, path, made))


def test_the_organization_that_is_asked_for_counts(world: World) -> None:
    mine, other = world.tenant(), world.tenant()
    client = world.client(mine, serves=[mine.slug, other.slug])
    holder = Holder(world, client)
    for organization, status in ((other.slug, 401), (mine.slug, 303)):
        browser = Browser(world)
        page = browser.follow(browser.authorize(client, organization=organization))
        assert page.status_code == 200, page.text
        made = holder.key.get(options(browser, page, ALONE))
        assert send(browser, page, ALONE, made).status_code == status


@pytest.mark.attack("ATK-078")
@pytest.mark.parametrize("event", ["disabled", "suspended", "removed"])
def test_what_is_closed_is_refused_like_everything_else(
    world: World, holder: Holder, event: str
) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser)
    made = holder.key.get(options(browser, page, ALONE))
    services, user = world.services, holder.user
    by = replace(world.operator, principal=user.tenant.id)
    close: dict[str, Callable[[Any], Any]] = {
        "disabled": lambda tx: services.accounts.set_enabled(
            tx, user.tenant.id, user_id=user.id, enabled=False, actor=by
        ),
        "suspended": lambda tx: services.tenants.suspend(tx, user.tenant.slug, by),
        "removed": lambda tx: services.factors.reset(
            tx, user.tenant.id, user.id, by=by, reason="lost phone"
        ),
    }
    services.database.write(close[event])
    answer = send(browser, page, ALONE, made)
    assert refused(browser, answer)


@pytest.mark.every_database
@pytest.mark.attack("ATK-087")
@pytest.mark.parametrize("path", [ALONE, SECOND])
def test_of_fifty_uses_of_one_answer_one_succeeds(world: World, holder: Holder, path: str) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser) if path == ALONE else holder.at_the_factor(browser)
    made = holder.key.get(options(browser, page, path))
    form = {**hidden(page), "answer": made}
    copies = [clone(world, browser) for _ in range(50)]
    before = len(events(world, holder.user.tenant.id, "session.started"))
    together(50, lambda number: copies[number].post(path, data=form))
    assert sum(map(has_session, copies)) == 1
    assert len(events(world, holder.user.tenant.id, "session.started")) == before + 1


def clone(world: World, browser: Browser) -> Browser:
    """Return another connection of the same browser, with all its cookies."""
    copy = Browser(world)
    for name in ("__Host-as-flow", "__Host-as-partial"):
        cookie = browser.http.get_cookie(name, "auth.example")
        if cookie is not None:
            copy.http.set_cookie(name, cookie.value, domain="auth.example", secure=True)
    return copy


@pytest.mark.attack("ATK-074")
@pytest.mark.attack("ATK-075")
def test_failures_are_limited_in_a_sign_in_and_in_an_hour(world: World, holder: Holder) -> None:
    wrong = SoftKey()
    wrong.id, wrong.handle = holder.key.id, holder.key.handle
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    for _ in range(5):
        made = wrong.get(options(browser, page, SECOND))
        assert send(browser, page, SECOND, made).status_code == 401
    made = holder.key.get(options(browser, page, SECOND))
    assert send(browser, page, SECOND, made).status_code == 401, "five in a sign-in"
    for _ in range(5):
        stranger = Browser(world)
        holder_page = holder.at_the_page(stranger)
        asked = options(stranger, holder_page, ALONE)
        assert refused(stranger, send(stranger, holder_page, ALONE, wrong.get(asked)))
    assert mails(world, holder.user, "passkey_locked") == 1
    assert refused(Browser(world), holder.sign_in(Browser(world))), "ten in an hour"
    world.clock.move(hours=1)
    assert holder.sign_in(Browser(world)).status_code == 303


@pytest.mark.attack("ATK-076")
def test_wrong_codes_do_not_lock_passkeys_nor_the_other_way_round(
    world: World, holder: Holder
) -> None:
    for _ in range(2):
        browser = Browser(world)
        page = holder.at_the_factor(browser)
        flow = page.request.args["flow"]
        page = browser.get("/login/mfa", query_string={"flow": flow, "method": "backup_code"})
        for _guess in range(5):
            browser.submit(page, code="0000-0000-0000", method="backup_code")
    assert len(events(world, holder.user.tenant.id, "factor.locked")) == 1
    assert holder.sign_in(Browser(world)).status_code == 303


@pytest.mark.attack("ATK-080")
def test_an_answer_without_a_challenge_of_ours_counts_against_nobody(
    world: World, holder: Holder
) -> None:
    """A stranger who knows a passkey's id cannot lock its owner out by sending rubbish."""
    stranger = Browser(world)
    page = holder.at_the_page(stranger)
    for _ in range(12):
        made = holder.key.get({"challenge": "A" * 43})
        assert refused(stranger, send(stranger, page, ALONE, made))
    assert holder.sign_in(Browser(world)).status_code == 303


@pytest.mark.attack("ATK-084")
def test_who_knows_the_password_cannot_add_a_passkey_beside_a_factor(
    world: World, client: ClientFixture
) -> None:
    person, thief = world.user(client.tenant), Browser(world)
    page = halfway(thief, client, person, acr_values=MFA)
    asked, key = options(thief, page, SET_UP), SoftKey()
    holder = Holder(world, client, user=person)
    answer = send(thief, page, SET_UP, key.create(asked))
    assert where(thief.follow(answer)) == "/login/password"
    world.clock.move(minutes=1)
    again = holder.at_the_factor(thief)
    assert ask(thief, again, SET_UP).status_code == 409
    assert where(send(thief, again, SET_UP, key.create(asked))) == "/oauth/authorize"
    assert not has_session(thief)


@pytest.mark.attack("ATK-084")
def test_a_passkey_from_before_the_first_proof_of_the_address_is_gone(
    world: World, client: ClientFixture
) -> None:
    """Somebody made an account with the owner's address, and waits with a passkey."""
    waiting = world.user(client.tenant, verified=False)
    holder = Holder(world, client, user=waiting)
    assert holder.sign_in(Browser(world)).status_code == 303
    owner = Browser(world)
    owner.submit(owner.get("/login/recover"), email=waiting.email, organization=client.tenant.slug)
    page = owner.follow(owner.get(path_of(links(world, waiting.id)[-1])))
    owner.submit(page, password="Another-Horse-8")
    assert refused(Browser(world), holder.sign_in(Browser(world)))


def test_an_id_belongs_to_one_passkey(world: World, holder: Holder) -> None:
    person, browser, key = world.user(holder.client.tenant), Browser(world), SoftKey()
    page = halfway(browser, holder.client, person, acr_values=MFA)
    key.id = holder.key.id
    answer = send(browser, page, SET_UP, key.create(options(browser, page, SET_UP)))
    assert answer.status_code == 401
    assert holder.sign_in(Browser(world)).status_code == 303


@pytest.mark.attack("ATK-077")
def test_with_only_the_password_done_a_passkey_is_still_due(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    flow = page.request.args["flow"]
    assert not has_session(browser)
    assert answered(browser.authorize(holder.client, prompt="none"))["error"] == "login_required"
    assert where(browser.get("/oauth/authorize", query_string={"flow": flow})) == "/login/mfa"
    for path in ("/login/mfa/setup", SET_UP, "/login/mfa/codes"):
        assert where(browser.get(path, query_string={"flow": flow})) == "/oauth/authorize"


@pytest.mark.attack("ATK-079")
def test_what_else_a_form_says_is_ignored(world: World, holder: Holder) -> None:
    other, browser = world.user(holder.client.tenant), Browser(world)
    page = holder.at_the_page(browser)
    made = holder.key.get(options(browser, page, ALONE))
    answer = send(browser, page, ALONE, made, email=other.email, user_id=other.id, level="0")
    assert answer.status_code == 303
    assert holder.user.email in browser.get("/").text


def test_a_form_from_elsewhere_is_refused(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser)
    flow = {"flow": hidden(page)["flow"], "ask": "options"}
    assert browser.post(ALONE, data=flow).status_code == 400
    evil = {"Origin": "https://evil.example"}
    form = {**hidden(page), "ask": "options"}
    assert browser.post(ALONE, data=form, headers=evil).status_code == 403


@pytest.mark.attack("ATK-089")
def test_headers_do_not_say_which_site_it_is(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser)
    form = {**hidden(page), "ask": "options"}
    more = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    asked = browser.post(ALONE, data=form, headers=more)
    assert asked.json["rpId"] == "auth.example"


def test_an_app_stays_the_way_where_there_is_one(world: World, client: ClientFixture) -> None:
    owner, browser = Owner(world, client), Browser(world)
    page = owner.at_the_code(browser)
    assert ask(browser, page, SECOND).status_code == 409
    assert ask(browser, page, SET_UP).status_code == 409
