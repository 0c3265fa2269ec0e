"""The link that lifts a lock: for the owner, once, and nothing that a guesser wins."""

import pytest
from sqlalchemy import select

from authserver.accounts.models import FailureCounter
from authserver.links.policy import Purpose
from tests.attacks.mailed import link_for, opened, use, user_row
from tests.attacks.people import Scene
from tests.support.browser import Browser, hidden
from tests.support.mails import links, mails, path_of, text_of
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def guess(scene: Scene, times: int, browser: Browser | None = None) -> None:
    browser = browser or Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client, prompt="login"))
    for _ in range(times):
        browser.sign_in(page, scene.person, password="Wrong-Horse-7")


def signs_in(scene: Scene) -> bool:
    browser = Browser(scene.world)
    page = browser.follow(browser.authorize(scene.client))
    return browser.sign_in(page, scene.person).status_code == 303


def failures(scene: Scene) -> dict[str, int]:
    with scene.world.services.database.read() as view:
        wanted = select(FailureCounter).where(FailureCounter.user_id == scene.person.id)
        return {row.device: row.failures for row in view.platform().scalars(wanted)}


@pytest.mark.every_database
def test_the_owner_ends_the_lock_without_a_new_password(scene: Scene) -> None:
    link = link_for(scene, Purpose.UNLOCK)
    assert not signs_in(scene)
    epoch = user_row(scene).security_epoch
    page = opened(scene, link)
    assert scene.person.email in page.text
    assert not signs_in(scene)
    assert use(scene, link) == 303
    assert len(events(scene.world, scene.tenant.id, "account.unlocked")) == 1
    assert user_row(scene).security_epoch == epoch
    assert signs_in(scene)


@pytest.mark.attack("ATK-082")
def test_what_was_counted_stays_and_the_next_lock_is_longer(scene: Scene) -> None:
    for _ in range(2):
        use(scene, link_for(scene, Purpose.UNLOCK))
    assert failures(scene) == {"untrusted": 10, "everywhere": 10}
    guess(scene, 5)
    scene.world.clock.move(minutes=119)
    assert not signs_in(scene)
    scene.world.clock.move(minutes=1, seconds=1)
    assert signs_in(scene)


@pytest.mark.attack("ATK-082")
def test_unlocking_again_and_again_still_ends_at_a_hundred(scene: Scene) -> None:
    for _ in range(20):
        use(scene, link_for(scene, Purpose.UNLOCK))
    assert user_row(scene).password_reset_required
    assert not signs_in(scene)


def test_the_link_of_the_last_lock_is_the_only_one(scene: Scene) -> None:
    first = link_for(scene, Purpose.UNLOCK)
    scene.world.clock.move(minutes=30, seconds=1)
    second = link_for(scene, Purpose.UNLOCK)
    assert opened(scene, first).status_code == 400
    assert use(scene, second) == 303


@pytest.mark.attack("ATK-083")
def test_a_known_browser_that_is_locked_gets_no_link(scene: Scene) -> None:
    scene.code()
    scene.world.clock.move(seconds=5)
    guess(scene, 5, scene.browser)
    (mail,) = mails(scene.world, scene.person.id, "account_locked")
    assert "token=" not in text_of(mail)
    assert links(scene.world, scene.person.id, "account_locked") == []


@pytest.mark.parametrize("own_issuer", [False, True])
def test_the_page_that_says_so_leads_to_the_sign_in_where_no_application_waits(
    world: World, *, own_issuer: bool
) -> None:
    tenant = world.tenant(own_issuer=own_issuer)
    prefix = f"/t/{tenant.slug}" if own_issuer else ""
    person, stranger, mailbox = world.user(tenant), Browser(world, prefix), Browser(world, prefix)
    page = stranger.get(f"{prefix}/login/password", query_string={"to": "overview"})
    for _ in range(5):
        data = {**hidden(page), "email": person.email, "password": "Wrong-Horse-7"}
        stranger.post(f"{prefix}/login/password", data=data)
    moved = mailbox.get(path_of(links(world, person.id, "account_locked")[-1]))
    button = mailbox.follow(moved)
    done = mailbox.follow(mailbox.post(moved.headers["Location"], data=hidden(button)))
    assert "Your account is unlocked" in done.text
    assert f'href="{prefix}/login/password?to=overview"' in done.text
    form = mailbox.get(f"{prefix}/login/password", query_string={"to": "overview"})
    data = {**hidden(form), "email": person.email, "password": person.password}
    entered = mailbox.post(f"{prefix}/login/password", data=data)
    assert mailbox.follow(entered).status_code == 200
    assert entered.headers["Location"] == f"{prefix}/account"
