"""A password that has to be changed, between everything that is proved and the session."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from tests.attacks.factors import SESSION, has_session
from tests.attacks.mailed import NEW, ask, change, use, user_row
from tests.attacks.people import Scene
from tests.support.account import enter
from tests.support.authenticator import App, Owner, codes_on, halfway, secret_on, where
from tests.support.browser import Browser, Party, answered
from tests.support.mails import links, mails
from tests.support.trail import events
from tests.support.world import PASSWORD, UserFixture, World

PAGE = "/login/change/password"


def require(world: World, user: UserFixture) -> None:
    by = replace(world.operator, principal=user.tenant.id)
    world.services.database.write(
        lambda tx: world.services.accounts.require_password_change(
            tx, user.tenant.id, user_id=user.id, actor=by
        )
    )


@pytest.fixture
def scene(world: World) -> Scene:
    scene = Scene(world)
    require(world, scene.person)
    return scene


def at_the_change(scene: Scene, browser: Browser) -> TestResponse:
    page = halfway(browser, scene.client, scene.person)
    assert page.request.path == PAGE
    return page


def test_a_client_gets_its_code_after_the_change(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = at_the_change(scene, browser)
    assert not has_session(browser)
    answer = browser.submit(page, password=NEW)
    assert where(answer) == "/oauth/authorize"
    consent = browser.follow(answer)
    last = browser.follow(browser.submit(browser.follow(consent), decision="allow"))
    code = answered(last)["code"]
    tokens = Party(scene.world, scene.client).redeem(code).json
    claims = Party(scene.world, scene.client).introspect(tokens["access_token"]).json
    assert claims["amr"] == ["pwd"]
    scene.person.password = NEW
    again = Browser(scene.world)
    assert halfway(again, scene.client, scene.person).request.path != PAGE


def test_the_own_pages_ask_for_it_in_the_same_way(scene: Scene) -> None:
    browser = Browser(scene.world)
    answer = browser.sign_in(browser.get("/account/security"), scene.person)
    page = browser.follow(answer)
    assert page.request.path == PAGE
    answer = browser.submit(page, password=NEW)
    assert answer.headers["Location"] == "/account/security"
    assert browser.follow(answer).status_code == 200


def test_the_person_is_told_and_the_trail_too(scene: Scene) -> None:
    browser = Browser(scene.world)
    browser.submit(at_the_change(scene, browser), password=NEW)
    assert len(mails(scene.world, scene.person.id, "password_changed")) == 1
    types = [event.type for event in events(scene.world, scene.tenant.id)]
    for wanted in (
        EventType.PASSWORD_CHANGE_REQUIRED,
        EventType.PASSWORD_ACCEPTED,
        EventType.USER_PASSWORD_CHANGED,
        EventType.SIGN_IN_SUCCEEDED,
        EventType.SESSION_STARTED,
    ):
        assert types.count(wanted.value) == 1


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 8 characters"),
        ("correct-horse-battery", "upper-case"),
        ("Password1", "common"),
        (PASSWORD, "This is the present password"),
        ("", "at least 8 characters"),
    ],
)
def test_a_password_that_the_rules_refuse_or_the_present_one_is_said_to_be(
    scene: Scene, password: str, said: str
) -> None:
    browser, before = Browser(scene.world), user_row(scene).password_hash
    answer = browser.submit(at_the_change(scene, browser), password=password)
    assert answer.status_code == 400
    assert "This password cannot be used." in answer.text
    assert said in answer.text
    assert user_row(scene).password_hash == before
    assert not has_session(browser)
    assert browser.submit(answer, password=NEW).status_code == 303
    assert has_session(browser)


def test_the_second_factor_comes_first(world: World) -> None:
    scene = Scene(world)
    owner = Owner(world, scene.client)
    require(world, owner.user)
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert page.request.path == "/login/mfa"
    assert browser.get(PAGE, query_string=page.request.args).headers["Location"]
    change = browser.follow(browser.follow(owner.enter(browser, page, owner.app.code())))
    assert change.request.path == PAGE
    assert not has_session(browser)
    answer = browser.submit(change, password=NEW)
    assert has_session(browser)
    consent = browser.follow(answer)
    last = browser.follow(browser.submit(browser.follow(consent), decision="allow"))
    tokens = Party(world, scene.client).redeem(answered(last)["code"]).json
    claims = Party(world, scene.client).introspect(tokens["access_token"]).json
    assert claims["amr"] == ["pwd", "otp", "mfa"]


def test_backup_codes_are_kept_before_and_count(world: World) -> None:
    scene = Scene(world)
    require(world, scene.person)
    browser = Browser(world)
    page = halfway(browser, scene.client, scene.person, acr_values="urn:authserver:acr:mfa")
    assert page.request.path == "/login/mfa/setup"
    app = App(world, secret_on(page))
    shown = browser.follow(browser.follow(browser.submit(page, code=app.code())))
    codes = codes_on(shown)
    change = browser.follow(browser.follow(browser.submit(shown, kept="yes")))
    assert change.request.path == PAGE
    assert not has_session(browser)
    assert browser.submit(change, password=NEW).status_code == 303
    assert has_session(browser)
    scene.person.password = NEW
    other = Browser(world)
    page = halfway(other, scene.client, scene.person)
    assert other.submit(page, code=codes[0], method="backup_code").status_code == 303
    assert has_session(other)


def test_what_was_signed_in_before_ends(world: World) -> None:
    scene = Scene(world)
    tokens, browser = scene.tokens(), Browser(world)
    enter(browser, scene.person)
    require(world, scene.person)
    assert browser.get("/account").status_code == 303
    assert scene.party().refresh(tokens["refresh_token"]).status_code == 400
    refused = answered(scene.browser.authorize(scene.client, prompt="none"))
    assert refused["error"] == "login_required"


def test_a_link_of_a_mail_serves_as_well(scene: Scene) -> None:

    ask(scene)
    assert use(scene, links(scene.world, scene.person.id)[-1], NEW) == 303
    scene.person.password = NEW
    assert not user_row(scene).password_change_required
    enter(Browser(scene.world), scene.person)


def test_the_page_speaks_the_persons_language(scene: Scene) -> None:

    change(scene, locale="de")
    browser = Browser(scene.world)
    assert '<html lang="en"' in browser.follow(browser.authorize(scene.client)).text
    assert '<html lang="de"' in at_the_change(scene, browser).text
    other = Browser(scene.world)
    page = halfway(other, scene.client, scene.person, ui_locales="fr")
    assert '<html lang="fr"' in page.text


def test_the_cookie_of_the_half_state_goes_with_the_session(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = at_the_change(scene, browser)
    assert browser.http.get_cookie("__Host-as-partial", "auth.example")
    browser.submit(page, password=NEW)
    assert not browser.http.get_cookie("__Host-as-partial", "auth.example")
    assert browser.http.get_cookie(SESSION, "auth.example")
