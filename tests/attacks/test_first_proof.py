"""Accounts that somebody made, or used, with an address of somebody else: pre-hijacking."""

import pytest

from authserver.links.policy import Purpose
from tests.attacks.mailed import NEW, link_for, opened, send_verification, use, user_row
from tests.attacks.people import Scene
from tests.support.browser import Browser, answered
from tests.support.mails import links
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    """An account whose address nobody has proved, in use by whoever made it."""
    scene = Scene(world)
    scene.person = world.user(scene.tenant, verified=False)
    return scene


@pytest.mark.attack("ATK-003")
@pytest.mark.parametrize("purpose", [Purpose.RESET_PASSWORD, Purpose.VERIFY_EMAIL])
def test_the_first_proof_ends_everything_that_was_there_before(
    scene: Scene, purpose: Purpose
) -> None:
    """Password, session and tokens. There are no other ways in to an account, nor pending changes.

    A link of another kind that was mailed before is closed, too.
    """
    link = link_for(scene, purpose)
    tokens = scene.tokens()
    assert answered(scene.browser.authorize(scene.client, prompt="none"))["code"]
    assert use(scene, link) == 303
    assert user_row(scene).email_verified
    refused = answered(scene.browser.authorize(scene.client, prompt="none"))
    assert refused["error"] == "login_required"
    assert scene.party().refresh(tokens["refresh_token"]).status_code == 400
    assert scene.party().userinfo(tokens["access_token"]).status_code == 401
    browser = Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    assert browser.sign_in(page, scene.person).status_code == 401


@pytest.mark.every_database
def test_who_proved_the_address_chooses_a_password_at_once(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = opened(scene, link_for(scene, Purpose.VERIFY_EMAIL), browser)
    assert scene.person.email in page.text
    proved = browser.submit(page)
    choice = browser.follow(proved)
    assert "Your address is confirmed" in choice.text
    assert browser.submit(choice, password=NEW).status_code == 303
    assert browser.http.get_cookie("__Host-as-session", domain="auth.example") is None
    page = browser.follow(browser.authorize(scene.client))
    assert browser.sign_in(page, scene.person, password=NEW).status_code == 303


def test_a_second_proof_wipes_nothing(world: World) -> None:
    scene = Scene(world)
    scene.code()
    epoch = user_row(scene).security_epoch
    use(scene, link_for(scene, Purpose.RESET_PASSWORD))
    assert user_row(scene).security_epoch == epoch + 1


@pytest.mark.attack("ATK-091")
def test_nobody_proves_an_address_without_its_mail(scene: Scene) -> None:
    link_for(scene, Purpose.VERIFY_EMAIL)
    browser = scene.browser
    scene.code()
    form = {"email_verified": "true", "verified": "1", "email": scene.person.email}
    page = browser.get("/login/recover")
    for path in ("/login/verify", "/login/recover/new", "/login/recover"):
        browser.submit(page, **form)
        data = {"csrf_token": page.text.partition('name="csrf_token" value="')[2].split('"')[0]}
        assert browser.post(path, data={**data, **form}).status_code in {200, 400}
        assert browser.get(path, query_string=form).status_code in {200, 400}
    assert not user_row(scene).email_verified


def test_one_link_to_prove_an_address_is_open_at_a_time(scene: Scene) -> None:
    send_verification(scene)
    send_verification(scene)
    first, second = links(scene.world, scene.person.id, "verify_email")
    assert opened(scene, first).status_code == 400
    assert use(scene, second) == 303
