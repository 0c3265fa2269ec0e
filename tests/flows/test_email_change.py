"""Another address for an account: asked for, proved, called off."""

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from authserver.links.policy import Purpose
from tests.attacks.mailed import NEW, link_for, opened, use, user_row, want
from tests.attacks.people import Scene
from tests.support.account import enter
from tests.support.browser import Browser, answered
from tests.support.mails import html_of, links, mails, text_of
from tests.support.trail import events, personal
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.fixture
def new(scene: Scene) -> str:
    return f"Grace.{scene.tenant.slug}@example.org"


def confirm(scene: Scene, browser: Browser | None = None) -> TestResponse:
    """Follow the newest link to the new address, and press its button."""
    browser = browser or Browser(scene.world)
    link = links(scene.world, scene.person.id, "confirm_new_address")[-1]
    return browser.submit(opened(scene, link, browser))


def test_the_address_changes_when_its_link_is_used(scene: Scene, new: str) -> None:
    browser = Browser(scene.world)
    asked = want(scene, new, browser)
    assert asked.headers["Location"] == "/account/profile"
    assert user_row(scene).email == scene.person.email
    profile = browser.get("/account/profile").text
    assert "Call the change off" in profile
    assert new in profile
    answer = confirm(scene)
    assert answer.headers["Location"] == "/login/recover/done"
    row = user_row(scene)
    assert (row.email, row.email_canonical, row.email_verified) == (new, new.lower(), True)
    scene.person.email = new
    enter(Browser(scene.world), scene.person)


def test_both_addresses_are_told_before_and_after(scene: Scene, new: str) -> None:
    old = scene.person.email
    want(scene, new)
    confirm(scene)
    told = {(mail["To"], mail["Subject"]) for mail in mails(scene.world, scene.person.id)}
    assert told == {
        (new, "Confirm your new address"),
        (old, "Your email address is about to change"),
        (old, "Your email address was changed"),
        (new, "Your email address was changed"),
    }
    last = mails(scene.world, scene.person.id, "address_changed")[-1]
    for body in (text_of(last), html_of(last)):
        assert old in body
        assert new in body


def test_everything_signed_in_ends_but_the_browser_that_used_the_link(
    scene: Scene, new: str
) -> None:
    tokens, here = scene.tokens(), Browser(scene.world)
    want(scene, new, here)
    assert confirm(scene, here).status_code == 303
    assert here.get("/account").status_code == 200
    assert new in here.get("/account/profile").text
    refused = answered(scene.browser.authorize(scene.client, prompt="none"))
    assert refused["error"] == "login_required"
    assert scene.party().refresh(tokens["refresh_token"]).status_code == 400
    assert scene.party().userinfo(tokens["access_token"]).status_code == 401


def test_the_other_links_of_the_account_die(scene: Scene, new: str) -> None:
    reset = link_for(scene, Purpose.RESET_PASSWORD)
    want(scene, new)
    keep = links(scene.world, scene.person.id, "address_will_change")[-1]
    confirm(scene)
    assert use(scene, reset) == 400
    assert use(scene, keep) == 400


def test_a_change_is_called_off_on_the_page(scene: Scene, new: str) -> None:
    browser = Browser(scene.world)
    want(scene, new, browser)
    scene.world.clock.move(minutes=6)  # calling off takes no new sign-in
    page = browser.get("/account/profile")
    form = page.text.partition('name="do" value="cancel"')[1]
    assert form
    data = {"do": "cancel"} | _hidden(page)
    assert browser.post("/account/email", data=data).headers["Location"] == "/account/profile"
    assert "called off" in browser.get("/account/profile").text
    assert "Call the change off" not in browser.get("/account/profile").text
    assert confirm(scene).status_code == 400
    (event,) = events(scene.world, scene.tenant.id, "email_change.cancelled")
    assert event.document["facts"] == {"by": "account"}


def _hidden(page: TestResponse) -> dict[str, str]:
    text = page.text
    names = ("csrf_token", "account")
    found = {n: text.partition(f'name="{n}" value="')[2].partition('"')[0] for n in names}
    assert all(found.values())
    return found


def test_whoever_did_not_ask_stops_it_and_chooses_a_password(scene: Scene, new: str) -> None:
    thief = Browser(scene.world)
    want(scene, new, thief)
    owner = Browser(scene.world)
    keep = links(scene.world, scene.person.id, "address_will_change")[-1]
    answer = owner.submit(opened(scene, keep, owner))
    choice = owner.follow(answer)
    assert "Your address stays as it is" in choice.text
    assert thief.get("/account").status_code == 303
    assert confirm(scene).status_code == 400
    assert owner.submit(choice, password=NEW).status_code == 303
    page = thief.follow(thief.get("/account"))
    assert thief.sign_in(page, scene.person).status_code == 401
    assert thief.sign_in(page, scene.person, password=NEW).status_code == 303
    assert user_row(scene).email == scene.person.email


def test_the_first_proof_of_any_address_wipes_what_was_there(world: World) -> None:
    """An imported person whose address nobody has proved: the password may be anybody's."""
    scene = Scene(world)
    scene.person = world.user(scene.tenant, verified=False)
    new, browser = f"first-{scene.tenant.slug}@example.com", Browser(world)
    want(scene, new, browser)
    told = mails(world, scene.person.id, "address_will_change")[-1]
    assert new not in text_of(told)
    answer = confirm(scene, browser)
    choice = browser.follow(answer)
    assert "Your address is confirmed" in choice.text
    assert user_row(scene).password_hash is None
    assert browser.get("/account").status_code == 303
    assert browser.submit(choice, password=NEW).status_code == 303
    scene.person.email = new
    page = browser.follow(browser.get("/account"))
    assert browser.sign_in(page, scene.person, password=NEW).status_code == 303


def test_a_mailbox_that_nobody_proved_gets_no_password(world: World) -> None:
    scene = Scene(world)
    scene.person = world.user(scene.tenant, verified=False)
    want(scene, f"first-{scene.tenant.slug}@example.com")
    stranger = Browser(world)
    keep = links(world, scene.person.id, "address_will_change")[-1]
    answer = stranger.submit(opened(scene, keep, stranger))
    assert answer.headers["Location"] == "/login/recover/done"
    assert "stays as it is" in stranger.follow(answer).text
    assert user_row(scene).password_hash


def test_a_guest_changes_it_at_home_and_follows(scene: Scene, new: str) -> None:
    guest = scene.world.user(scene.world.tenant())
    taken = scene.world.user(scene.world.tenant())
    clash = scene.world.user(taken.tenant, email=new)
    for one in (guest, taken):
        _set(scene.world, one.id, home_user_id=scene.person.id)
    want(scene, new)
    confirm(scene)
    with scene.world.services.database.read() as view:
        emails = {one.id: view.platform().get(User, one.id).email for one in (guest, taken, clash)}
    assert emails == {guest.id: new, taken.id: taken.email, clash.id: new}


def test_a_guest_account_has_no_form(scene: Scene) -> None:
    browser, world = Browser(scene.world), scene.world
    enter(browser, scene.person)
    guest = world.guest(scene.person, world.tenant())
    form = _hidden(browser.get("/account/tenants"))
    assert browser.post("/account/tenants", data={**form, "about": guest.id}).status_code == 303
    page = browser.get("/account/email")
    assert page.status_code == 200
    assert 'name="email"' not in page.text
    form = browser.get("/account/profile")
    data = {**_hidden(form), "email": "x@example.com"}
    assert browser.post("/account/email", data=data).status_code == 409
    assert not links(world, guest.id, "confirm_new_address")


def _set(world: World, user_id: str, **values: object) -> None:
    changed = update(User).where(User.id == user_id).values(**values)
    world.services.database.write(lambda tx: tx.platform().execute(changed))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an email address"),
        ("nobody", "Enter an email address"),
        ("a@b@example.com", "Enter an email address"),
        ("admin\uff20example.com", "Enter an email address"),
        ("{own}", "This is your address already"),
    ],
)
def test_what_is_no_other_address_is_refused_beside_the_field(
    scene: Scene, typed: str, said: str
) -> None:
    answer = want(scene, typed.format(own=scene.person.email))
    assert answer.status_code == 400
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert not mails(scene.world, scene.person.id)


def test_the_address_may_be_spelled_anew(scene: Scene) -> None:
    name, _, domain = scene.person.email.partition("@")
    want(scene, f"{name.upper()}@{domain}")
    confirm(scene)
    assert user_row(scene).email == f"{name.upper()}@{domain}"
    assert user_row(scene).email_canonical == scene.person.email


def test_a_newer_wish_takes_the_place_of_the_one_before(scene: Scene, new: str) -> None:
    browser = Browser(scene.world)
    want(scene, f"first.{new}", browser)
    want(scene, new, browser)
    first, second = links(scene.world, scene.person.id, "confirm_new_address")
    assert use(scene, first) == 400
    assert use(scene, second) == 303
    assert user_row(scene).email == new


def test_the_trail_tells_of_it_and_its_addresses_are_encrypted(scene: Scene, new: str) -> None:
    old = scene.person.email
    want(scene, new)
    confirm(scene)
    (asked,) = events(scene.world, scene.tenant.id, "email_change.requested")
    (changed,) = events(scene.world, scene.tenant.id, "user.email_changed")
    assert asked.document["facts"] == {"outcome": "mailed"}
    assert personal(scene.world, asked)["email"] == new
    values = personal(scene.world, changed)
    assert (values["email_before"], values["email_after"]) == (old, new)
    for body in (asked.body, changed.body):
        assert new.encode() not in body
