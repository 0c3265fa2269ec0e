"""Going round a password that has to be changed, and round one that only a mail may reset."""

import pytest
from sqlalchemy import select

from authserver.mfa.models import PartialSignIn, TotpFactor
from authserver.passkeys.models import Passkey
from tests.attacks.factors import has_session
from tests.attacks.mailed import NEW, ask, change, set_password, use, user_row
from tests.attacks.people import Scene
from tests.flows.test_required_password import PAGE, at_the_change, require
from tests.support.authenticator import Owner
from tests.support.browser import Browser, answered, hidden
from tests.support.mails import links
from tests.support.parallel import together
from tests.support.passkeys import SET_UP, SoftKey, send
from tests.support.passkeys import ask as ask_for_options
from tests.support.world import PASSWORD, World


@pytest.fixture
def scene(world: World) -> Scene:
    scene = Scene(world)
    require(world, scene.person)
    return scene


def test_the_half_state_opens_nothing(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = at_the_change(scene, browser)
    for path in ("/account", "/account/security", "/account/email", "/account/profile"):
        assert "/login/password" in browser.get(path).headers["Location"]
    refused = answered(browser.authorize(scene.client, prompt="none"))
    assert refused["error"] == "login_required"
    flow = page.request.args["flow"]
    for path in ("/login/consent", "/login/mfa", "/login/mfa/setup", "/login/mfa/codes"):
        answer = browser.get(path, query_string={"flow": flow})
        assert answer.status_code == 303, path
        form = {**hidden(page), "decision": "allow", "code": "000000", "kept": "yes"}
        browser.post(path, data=form)
    resumed = browser.get("/oauth/authorize", query_string={"flow": flow})
    assert resumed.headers["Location"].startswith(PAGE)
    assert not has_session(browser)
    assert user_row(scene).password_change_required


def test_who_has_only_to_change_the_password_sets_no_factor_up(scene: Scene) -> None:
    """A first factor is made where one is due, or by who is signed in."""
    browser = Browser(scene.world)
    page = at_the_change(scene, browser)
    assert "challenge" not in (ask_for_options(browser, page, SET_UP).json or {})
    made = SoftKey().create({"challenge": "AAAA", "user": {"id": "AAAA"}, "rp": {"id": "x"}})
    send(browser, page, SET_UP, made)
    assert browser.get(SET_UP, query_string={"flow": page.request.args["flow"]}).status_code == 303
    with scene.world.services.database.read() as view:
        for kind in (Passkey, TotpFactor):
            made_by = select(kind.id).where(kind.user_id == scene.person.id)
            assert not view.platform().scalars(made_by).all()


def test_the_change_does_not_come_before_the_second_factor(world: World) -> None:
    """Who knows only the password neither sees the page nor sets a new one."""
    scene = Scene(world)
    owner = Owner(world, scene.client)
    require(world, owner.user)
    scene.person = owner.user
    before = user_row(scene).password_hash
    browser = Browser(world)
    page = owner.at_the_code(browser)
    for answer in (
        browser.get(PAGE, query_string={"flow": page.request.args["flow"]}),
        browser.post(PAGE, data={**hidden(page), "password": NEW}),
    ):
        assert answer.headers["Location"].startswith("/oauth/authorize")
    assert user_row(scene).password_hash == before
    assert not has_session(browser)


@pytest.mark.attack("ATK-064")
def test_the_half_state_is_good_in_its_own_browser_and_flow_alone(scene: Scene) -> None:
    browser, other = Browser(scene.world), Browser(scene.world)
    page = at_the_change(scene, browser)
    token = browser.http.get_cookie("__Host-as-partial", "auth.example").value
    foreign = other.follow(other.authorize(scene.client))
    other.http.set_cookie("__Host-as-partial", token, domain="auth.example")
    other.submit(foreign, email="x", password="y")
    for flow in (page.request.args["flow"], foreign.request.args["flow"]):
        data = {**hidden(foreign), "flow": flow, "password": NEW}
        other.post(PAGE, data=data)
    assert user_row(scene).password_change_required
    assert not has_session(other)


@pytest.mark.every_database
@pytest.mark.attack("ATK-084")
def test_fifty_changes_at_once_are_one(scene: Scene) -> None:
    browser = Browser(scene.world)
    page = at_the_change(scene, browser)
    cookies = "; ".join(
        f"{name}={browser.http.get_cookie(name, 'auth.example').value}"
        for name in ("__Host-as-partial", "__Host-as-flow")
    )

    def press(number: int) -> bool:
        http = scene.world.app.test_client(use_cookies=False)
        data = {**hidden(page), "password": f"Lantern-Number-{number}"}
        answer = http.post(
            PAGE, base_url="https://auth.example", data=data, headers={"Cookie": cookies}
        )
        return "as-session" in str(answer.headers.getlist("Set-Cookie"))

    assert sum(together(8, press)) == 1


@pytest.mark.parametrize("what", ["disabled", "another password", "too late"])
def test_what_happened_meanwhile_ends_the_half_state(scene: Scene, what: str) -> None:
    browser = Browser(scene.world)
    page = at_the_change(scene, browser)
    if what == "disabled":
        change(scene, disabled_at=scene.world.clock.now())
    elif what == "another password":
        set_password(scene)
    else:
        scene.world.clock.move(minutes=15)
    before = user_row(scene).password_hash
    answer = browser.submit(page, password=NEW)
    assert not has_session(browser)
    assert answer.status_code in {303, 400}
    assert user_row(scene).password_hash == before


def test_a_code_of_the_client_never_comes_of_the_half_state(scene: Scene) -> None:
    browser = Browser(scene.world)
    at_the_change(scene, browser)
    again = browser.authorize(scene.client)
    assert "/login/" in again.headers["Location"]
    assert "code=" not in again.headers["Location"]


def test_a_hundred_wrong_passwords_are_no_way_to_the_change(world: World) -> None:
    """What was guessed at too often opens nothing, whatever an administrator wants besides."""
    scene = Scene(world)
    for required in (False, True):
        change(scene, password_reset_required=True, password_change_required=required)
        browser = Browser(world)
        page = browser.follow(browser.authorize(scene.client))
        assert browser.sign_in(page, scene.person).status_code == 401
        assert not browser.http.get_cookie("__Host-as-partial", "auth.example")
    with world.services.database.read() as view:
        found = view.platform().scalars(
            select(PartialSignIn).where(PartialSignIn.user_id == scene.person.id)
        )
        assert found.all() == []
    ask(scene)
    assert use(scene, links(world, scene.person.id)[-1], NEW) == 303
    row = user_row(scene)
    assert (row.password_reset_required, row.password_change_required) == (False, False)


def test_requiring_a_change_does_not_make_a_closed_password_usable(world: World) -> None:
    scene = Scene(world)
    change(scene, password_reset_required=True)
    require(world, scene.person)
    assert user_row(scene).password_reset_required
    browser = Browser(world)
    page = browser.follow(browser.authorize(scene.client))
    assert browser.sign_in(page, scene.person, password=PASSWORD).status_code == 401


@pytest.mark.attack("ATK-095")
def test_a_wrong_password_tells_nothing_of_a_change_that_is_due(scene: Scene) -> None:
    other, answers = Scene(scene.world), []
    for one in (scene, other):
        browser = Browser(scene.world)
        page = browser.follow(browser.authorize(one.client))
        answer = browser.sign_in(page, one.person, password="Wrong-Horse-7")
        answers.append((answer.status_code, "is wrong" in answer.text))
        assert not browser.http.get_cookie("__Host-as-partial", "auth.example")
    assert answers == [(401, True)] * 2
