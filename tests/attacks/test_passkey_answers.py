"""Attacks on passkeys: every answer that does not prove what it should is the same refusal."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from tests.attacks.factors import MFA, has_session
from tests.support.authenticator import halfway
from tests.support.browser import Browser, hidden
from tests.support.passkeys import (
    ALONE,
    COPIED,
    ELIGIBLE,
    SECOND,
    SET_UP,
    VERIFIED,
    Holder,
    SoftKey,
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


@pytest.mark.every_database
@pytest.mark.attack("ATK-085")
def test_an_answer_counts_once(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser)
    made = holder.key.get(options(browser, page, ALONE))
    assert send(browser, page, ALONE, made).status_code == 303
    thief = Browser(world)
    assert refused(thief, send(thief, holder.at_the_page(thief), ALONE, made))
    world.clock.move(seconds=1)
    again = browser.follow(browser.authorize(holder.client, prompt="login"))
    assert send(browser, again, ALONE, made).status_code == 401


@pytest.mark.attack("ATK-071")
def test_a_challenge_belongs_to_its_browser_and_sign_in(world: World, holder: Holder) -> None:
    one, other = Browser(world), Browser(world)
    asked = options(one, holder.at_the_page(one), ALONE)
    assert refused(other, send(other, holder.at_the_page(other), ALONE, holder.key.get(asked)))
    first = holder.at_the_page(one)
    asked = options(one, first, ALONE)
    second = holder.at_the_page(one)
    assert hidden(first)["flow"] != hidden(second)["flow"]
    assert refused(one, send(one, second, ALONE, holder.key.get(asked)))


@pytest.mark.attack("ATK-071")
def test_the_same_flow_in_another_browser_is_closed(world: World, holder: Holder) -> None:
    one, other = Browser(world), Browser(world)
    page = holder.at_the_page(one)
    holder.at_the_page(other)
    form = {**hidden(page), "csrf_token": hidden(other.get("/login/logout"))["csrf_token"]}
    assert other.post(ALONE, data={**form, "ask": "options"}).status_code == 400


def test_a_challenge_lives_five_minutes(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser)
    made = holder.key.get(options(browser, page, ALONE))
    world.clock.move(minutes=5)
    assert refused(browser, send(browser, page, ALONE, made))


def test_a_challenge_of_one_purpose_is_none_for_another(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    for asked_at, sent_to in ((SECOND, ALONE), (ALONE, SECOND)):
        made = holder.key.get(options(browser, page, asked_at))
        assert send(browser, page, sent_to, made).status_code == 401
        assert not has_session(browser)


@pytest.mark.attack("ATK-080")
def test_another_persons_challenge_is_none(world: World, holder: Holder) -> None:
    """Who knows two passwords in one browser answers one person's question with the other's."""
    other, browser = Holder(world, holder.client), Browser(world)
    page = holder.at_the_factor(browser)
    asked = options(browser, page, SECOND)
    theirs = halfway(browser, holder.client, other.user)
    theirs = browser.follow(theirs) if theirs.status_code == 303 else theirs
    assert send(browser, theirs, SECOND, other.key.get(asked)).status_code == 401
    mine = options(browser, theirs, SECOND)
    assert send(browser, theirs, SECOND, holder.key.get(mine)).status_code == 401
    assert not has_session(browser)


def _wrong_origin(key: SoftKey) -> None:
    key.origin = "https://auth.example.evil.example"


def _plain_origin(key: SoftKey) -> None:
    key.origin = "http://auth.example"


def _other_port(key: SoftKey) -> None:
    key.origin = "https://auth.example:8443"


def _subdomain(key: SoftKey) -> None:
    key.origin = "https://x.auth.example"


def _wrong_rp(key: SoftKey) -> None:
    key.rp_id = "evil.example"


def _not_verified(key: SoftKey) -> None:
    key.flags &= ~VERIFIED


def _nobody_there(key: SoftKey) -> None:
    key.flags &= ~1


def _other_key(key: SoftKey) -> None:
    key.key = SoftKey().key


def _in_a_frame(key: SoftKey) -> None:
    key.client = {"crossOrigin": True, "topOrigin": "https://evil.example"}


def _now_device_bound(key: SoftKey) -> None:
    key.flags &= ~(ELIGIBLE | COPIED)


def _another_handle(key: SoftKey) -> None:
    key.handle = bytes(32)


def _no_handle(key: SoftKey) -> None:
    key.handle = None


LIES = [
    _wrong_origin, _plain_origin, _other_port, _subdomain, _wrong_rp, _not_verified, _nobody_there,
    _other_key, _in_a_frame, _now_device_bound, _another_handle,
]  # fmt: skip


@pytest.mark.any_database
@pytest.mark.attack("ATK-077")
@pytest.mark.parametrize("lie", [*LIES, _no_handle], ids=lambda lie: lie.__name__.strip("_"))
def test_what_is_not_right_signs_nobody_in(
    world: World, holder: Holder, lie: Callable[[SoftKey], None]
) -> None:
    browser = Browser(world)
    page = holder.at_the_page(browser)
    asked = options(browser, page, ALONE)
    lie(holder.key)
    assert refused(browser, send(browser, page, ALONE, holder.key.get(asked)))


@pytest.mark.any_database
@pytest.mark.attack("ATK-075")
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__.strip("_"))
def test_what_is_not_right_is_no_second_factor(
    world: World, holder: Holder, lie: Callable[[SoftKey], None]
) -> None:
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    asked = options(browser, page, SECOND)
    lie(holder.key)
    assert send(browser, page, SECOND, holder.key.get(asked)).status_code == 401
    assert not has_session(browser)
    (event,) = events(world, holder.user.tenant.id, "factor.refused")
    assert event.document["facts"] == {"method": "passkey", "reason": "wrong_code"}


@pytest.mark.any_database
@pytest.mark.parametrize("lie", [*LIES[:7], _in_a_frame], ids=lambda lie: lie.__name__.strip("_"))
def test_what_is_not_right_makes_no_passkey(
    world: World, client: ClientFixture, lie: Callable[[SoftKey], None]
) -> None:
    person, browser, key = world.user(client.tenant), Browser(world), SoftKey()
    page = halfway(browser, client, person, acr_values=MFA)
    asked = options(browser, page, SET_UP)
    lie(key)
    answer = send(browser, page, SET_UP, key.create(asked))
    assert answer.status_code == 401
    assert "No passkey was stored" in answer.text
    assert not has_session(browser)
    assert events(world, client.tenant.id, "passkey.added") == []


NONSENSE = [
    "", "{}", "[]", "null", "nonsense", "[" * 5000, '{"response": 1}', '{"response": {}}',
    '{"id": "x", "response": {"clientDataJSON": "////"}}', "x" * 20_000,
    '{"id": 1, "response": {"clientDataJSON": "e30"}}',
]  # fmt: skip


@pytest.mark.any_database
@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_like_everything_else(
    world: World, holder: Holder, answer: str
) -> None:
    browser = Browser(world)
    assert refused(browser, send(browser, holder.at_the_page(browser), ALONE, answer))
    page = holder.at_the_factor(browser)
    assert send(browser, page, SECOND, answer).status_code == 401
    assert not has_session(browser)
