"""Taking an account by its address, and learning of addresses by asking for them."""

import pytest

from authserver.links.policy import Purpose
from tests.attacks.mailed import (
    NEW,
    ask,
    change,
    link_for,
    opened,
    send_verification,
    use,
    user_row,
    want,
)
from tests.attacks.people import Scene
from tests.support.account import enter
from tests.support.browser import Browser, hidden
from tests.support.mails import links, mails, path_of
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.attack("ATK-095")
@pytest.mark.parametrize("state", ["known", "guest", "unverified", "disabled"])
def test_a_taken_address_is_answered_like_a_free_one(scene: Scene, state: str) -> None:
    """The whole of what the asker can see, then and later: only mailboxes learn more."""
    world = scene.world
    other = world.user(scene.tenant, verified=state != "unverified")
    if state == "guest":
        _give(scene, other.id, home_user_id=world.user(world.tenant()).id)
    if state == "disabled":
        _give(scene, other.id, disabled_at=world.clock.now())
    seen = []
    for email in (other.email, f"free-{other.email}"):
        browser, asker = Browser(world), Scene(world)
        asker.tenant, asker.person = scene.tenant, world.user(scene.tenant)
        answer = want(asker, email, browser)
        said = browser.get("/account/profile").text
        later = browser.get("/account/email").text
        told = mails(world, asker.person.id, "address_will_change")
        assert [mail["To"] for mail in told] == [asker.person.email]
        seen.append(
            (
                answer.status_code,
                answer.headers["Location"],
                _plain(said, email, asker, browser),
                _plain(later, email, asker, browser),
            )
        )
    assert seen[0] == seen[1]
    assert [mail["To"] for mail in mails(world, other.id)] == [other.email]
    recorded = events(world, scene.tenant.id, "email_change.requested")
    outcomes = [event.document["facts"]["outcome"] for event in recorded]
    assert outcomes == ["address_taken", "mailed"]


def _give(scene: Scene, user_id: str, **values: object) -> None:
    person = scene.person
    scene.person = type(person)(user_id, person.email, person.tenant)
    change(scene, **values)
    scene.person = person


def _plain(page: str, email: str, asker: Scene, browser: Browser) -> str:
    """Return a page without what is the asker's own, or new in every answer."""
    page = page.replace(email, "WANTED").replace(asker.person.email, "OWN")
    form = hidden(browser.get("/account/profile"))
    for value in form.values():
        page = page.replace(value, "")
    return "\n".join(
        line for line in page.splitlines() if "nonce" not in line and "csrf" not in line
    )


def test_no_mail_with_a_link_goes_to_a_taken_address(scene: Scene) -> None:
    other = scene.world.user(scene.tenant)
    want(scene, other.email)
    assert not links(scene.world, other.id, "address_wanted")
    assert not mails(scene.world, scene.person.id, "confirm_new_address")


def test_an_address_that_somebody_took_meanwhile_is_not_taken_over(scene: Scene) -> None:
    email = f"late-{scene.tenant.slug}@example.com"
    want(scene, email)
    owner = scene.world.user(scene.tenant, email=email)
    link = links(scene.world, scene.person.id, "confirm_new_address")[-1]
    assert use(scene, link) == 400
    assert user_row(scene).email == scene.person.email
    enter(Browser(scene.world), owner)


@pytest.mark.every_database
def test_two_accounts_never_get_one_address(scene: Scene) -> None:
    email, people = f"one-{scene.tenant.slug}@example.com", []
    for _ in range(6):
        one = Scene(scene.world)
        one.tenant, one.person = scene.tenant, scene.world.user(scene.tenant)
        want(one, email)
        people.append(one)
    found = [links(scene.world, one.person.id, "confirm_new_address")[-1] for one in people]
    answers = together(6, lambda n: use(people[n], found[n]))
    assert sorted(answers) == [303] + [400] * 5
    assert [user_row(one).email for one in people].count(email) == 1


def test_a_session_that_is_not_fresh_asks_for_the_password_first(scene: Scene) -> None:
    browser = Browser(scene.world)
    enter(browser, scene.person)
    form = browser.get("/account/email")
    assert form.status_code == 200
    scene.world.clock.move(minutes=5, seconds=1)
    for answer in (
        browser.get("/account/email"),
        browser.submit(form, email="thief@example.com"),
    ):
        assert answer.headers["Location"].startswith("/login/password?to=email")
    assert not mails(scene.world, scene.person.id)
    back = browser.sign_in(browser.follow(answer), scene.person)
    assert back.headers["Location"] == "/account/email"


@pytest.mark.attack("ATK-092")
def test_nobody_asks_without_a_session_or_for_another_account(scene: Scene) -> None:
    stranger, other = Browser(scene.world), Scene(scene.world)
    form = hidden(stranger.get("/login/recover"))
    answer = stranger.post("/account/email", data={**form, "email": "thief@example.com"})
    assert "/login/password" in answer.headers["Location"]
    enter(stranger, other.person)
    page = stranger.get("/account/email")
    theirs = {"account": "ses_other", "user_id": scene.person.id, "tenant_id": scene.tenant.id}
    assert stranger.submit(page, email="thief@example.com", **theirs).status_code == 409
    more = {"user_id": scene.person.id, "tenant_id": scene.tenant.id}
    assert stranger.submit(page, email="thief@example.com", **more).status_code == 303
    assert not mails(scene.world, scene.person.id)
    assert user_row(scene).email == scene.person.email


@pytest.mark.attack("ATK-091")
def test_no_field_verifies_or_changes_an_address(scene: Scene) -> None:
    scene.person = scene.world.user(scene.tenant, verified=False)
    browser = Browser(scene.world)
    page = browser.get("/account/email")
    browser.sign_in(page, scene.person, organization=scene.tenant.slug)
    evil = {"email_verified": "true", "verified": "1", "new_email": "x@example.com"}
    for path in ("profile", "email"):
        page = browser.get(f"/account/{path}")
        browser.submit(page, **{"name": "Ada", "email": "a@b", **evil})
    row = user_row(scene)
    assert (row.email, row.email_verified) == (scene.person.email, False)
    want(scene, f"next-{scene.tenant.slug}@example.com", browser)
    row = user_row(scene)
    assert (row.email, row.email_verified) == (scene.person.email, False)


@pytest.mark.attack("ATK-003")
def test_a_change_that_waits_does_not_outlive_the_owners_proof(world: World) -> None:
    """Pre-hijacking: who made the account waits for its owner, with an unexpired e-mail change."""
    scene = Scene(world)
    scene.person = world.user(scene.tenant, verified=False)
    want(scene, f"thief-{scene.tenant.slug}@example.com")
    waiting = links(world, scene.person.id, "confirm_new_address")[-1]
    send_verification(scene)
    assert use(scene, links(world, scene.person.id, "verify_email")[-1]) == 303
    assert use(scene, waiting) == 400
    assert user_row(scene).email == scene.person.email


def test_a_new_password_closes_a_change_that_waits(scene: Scene) -> None:
    want(scene, f"thief-{scene.tenant.slug}@example.com")
    waiting = links(scene.world, scene.person.id, "confirm_new_address")[-1]
    ask(scene)
    assert use(scene, links(scene.world, scene.person.id, "new_password")[-1], NEW) == 303
    assert use(scene, waiting) == 400
    browser = Browser(scene.world)
    scene.person.password = NEW
    assert "Call the change off" not in enter(browser, scene.person, "profile").text


def test_a_flood_of_wishes_is_three_mails_an_hour(scene: Scene) -> None:
    browser = Browser(scene.world)
    answers = [
        want(scene, f"flood-{n}-{scene.tenant.slug}@example.com", browser).status_code
        for n in range(5)
    ]
    assert answers == [303, 303, 303, 429, 429]
    assert len(mails(scene.world, scene.person.id, "confirm_new_address")) == 3


@pytest.mark.every_database
def test_parallel_wishes_are_all_counted(scene: Scene) -> None:
    browser = Browser(scene.world)
    enter(browser, scene.person)
    form = hidden(browser.get("/account/email"))
    cookie = browser.http.get_cookie("__Host-as-session", "auth.example")
    flow = browser.http.get_cookie("__Host-as-flow", "auth.example")
    header = f"{cookie.key}={cookie.value}; {flow.key}={flow.value}"

    def wish(number: int) -> int:
        data = {**form, "email": f"p{number}-{scene.tenant.slug}@example.com"}
        http = scene.world.app.test_client(use_cookies=False)
        answer = http.post(
            "/account/email", base_url="https://auth.example", data=data, headers={"Cookie": header}
        )
        return answer.status_code

    assert sorted(together(8, wish)) == [303] * 3 + [429] * 5


@pytest.mark.attack("ATK-080")
def test_the_page_says_whose_account_gets_the_address(scene: Scene) -> None:
    """Who gets a mail about an account of somebody else sees that, and nothing was done."""
    link = link_for(scene, Purpose.CHANGE_EMAIL)
    page = opened(scene, link).text
    for known in ("Ada Lovelace", scene.person.email, f"Tenant {scene.tenant.slug}"):
        assert known in page
    assert Browser(scene.world).get(path_of(link)).status_code == 303
    assert user_row(scene).email == scene.person.email


@pytest.mark.attack("ATK-132")
def test_names_and_addresses_are_text_on_the_page(world: World) -> None:
    scene = Scene(world)
    scene.person = world.user(scene.tenant, name="<script>alert(1)</script>")
    page = opened(scene, link_for(scene, Purpose.CHANGE_EMAIL))
    assert "<script>alert" not in page.text
