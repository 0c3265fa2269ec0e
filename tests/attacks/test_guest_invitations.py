"""Coming as a guest: with one's own proved account of the very address, signed in just now."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from authserver.accounts.models import User
from tests.support.browser import Browser, hidden
from tests.support.joining import Guestbook, arrived
from tests.support.parallel import together
from tests.support.trail import events
from tests.support.world import UserFixture, World


@pytest.fixture
def book(world: World) -> Guestbook:
    return Guestbook(world)


def signed_in(world: World, person: UserFixture) -> Browser:
    browser = Browser(world)
    page = browser.get("/login/password", query_string={"to": "overview"})
    answer = browser.sign_in(page, person, organization=person.tenant.slug)
    assert answer.headers["Location"] == "/account"
    return browser


def session_of(browser: Browser) -> str:
    return hidden(browser.get("/account/profile"))["account"]


def change(world: World, person: UserFixture, **values: object) -> None:
    statement = update(User).where(User.id == person.id).values(**values)
    world.services.database.write(lambda tx: tx.platform().execute(statement))


def unproved(book: Guestbook, home: UserFixture) -> None:
    change(book.world, home, email_verified=False)


def another_address(book: Guestbook, home: UserFixture) -> None:
    change(book.world, home, email_canonical=f"other.{book.tenant.slug}@example.com")


WRONG: dict[str, Callable[[Guestbook, UserFixture], None]] = {
    "an address that nobody proved": unproved,
    "another address": another_address,
}


@pytest.mark.attack("ATK-123")
@pytest.mark.parametrize("what", WRONG)
def test_the_wrong_account_is_neither_offered_nor_taken(book: Guestbook, what: str) -> None:
    home = book.world.user(book.world.tenant(), email=book.email)
    browser = signed_in(book.world, home)
    WRONG[what](book, home)
    page = arrived(book.world, book.mailed(), browser)
    assert "Join with this account" not in page.text
    data = {**hidden(page), "home": session_of(browser)}
    assert browser.post("/login/invitation", data=data).status_code == 400
    assert book.account() is None


@pytest.mark.attack("ATK-123")
def test_a_guest_account_is_nobodys_home(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant())
    guest = world.guest(home, world.tenant(), email=book.email)
    change(world, guest, email_verified=True)
    browser = signed_in(world, home)
    form = hidden(browser.get("/account/tenants"))
    opened = browser.post("/account/tenants", data={**form, "about": guest.id})
    assert opened.headers["Location"] == "/account"
    page = arrived(world, book.mailed(), browser)
    assert "Join with this account" not in page.text
    assert book.email in browser.get("/account/profile").text, "the guest is shown"
    data = {**hidden(page), "home": session_of(browser)}
    assert browser.post("/login/invitation", data=data).status_code == 400
    assert book.account() is None


@pytest.mark.attack("ATK-123")
def test_somebody_elses_account_does_not_take_an_invitation(world: World, book: Guestbook) -> None:
    """Who is signed in with another address and has the link, forwarded or stolen."""
    browser = signed_in(world, world.user(world.tenant()))
    page = arrived(world, book.mailed(), browser)
    assert "None of the accounts that are signed in here has this address." in page.text
    data = {**hidden(page), "home": session_of(browser)}
    assert browser.post("/login/invitation", data=data).status_code == 400
    assert book.account() is None
    assert events(world, book.tenant.id, "invitation.accepted") == []


@pytest.mark.attack("ATK-071")
def test_a_session_of_another_browser_is_none(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant(), email=book.email)
    theirs = session_of(signed_in(world, home))
    browser = Browser(world)
    page = arrived(world, book.mailed(), browser)
    for named in (theirs, "ses_nonsense", home.id, "../" * 20):
        answer = browser.post("/login/invitation", data={**hidden(page), "home": named})
        assert answer.headers["Location"] == "/login/invitation"
    assert book.account() is None


@pytest.mark.attack("ATK-078")
def test_a_home_account_that_was_closed_meanwhile_takes_nothing(
    world: World, book: Guestbook
) -> None:
    home = world.user(world.tenant(), email=book.email)
    browser = signed_in(world, home)
    page = arrived(world, book.mailed(), browser)
    assert "Join with this account" in page.text
    actor = book.actor()
    world.services.database.write(
        lambda tx: world.services.accounts.set_enabled(
            tx, home.tenant.id, user_id=home.id, enabled=False, actor=actor
        )
    )
    browser.post("/login/invitation", data=hidden(page))
    assert book.account() is None


@pytest.mark.every_database
def test_twenty_guests_at_once_are_one(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant(), email=book.email)
    link = book.mailed()
    ready = []
    for _ in range(20):
        browser = signed_in(world, home)
        ready.append((browser, hidden(arrived(world, link, browser))))
    answers = together(
        20, lambda n: ready[n][0].post("/login/invitation", data=ready[n][1]).status_code
    )
    assert sorted(answers) == [303] + [400] * 19
    assert len(events(world, book.tenant.id, "invitation.accepted")) == 1


def test_an_account_of_the_same_tenant_is_no_home(world: World, book: Guestbook) -> None:
    """Its address cannot be invited; one whose address changed to it cannot come as a guest."""
    link = book.mailed()
    member = world.user(book.tenant)
    browser = signed_in(world, member)
    page = arrived(world, link, browser)
    data = {**hidden(page), "home": session_of(browser)}
    assert browser.post("/login/invitation", data=data).status_code == 400
    assert book.account() is None


def test_a_guest_account_has_no_password_to_sign_in_with(world: World, book: Guestbook) -> None:
    home = world.user(world.tenant(), email=book.email)
    browser = signed_in(world, home)
    page = arrived(world, book.mailed(), browser)
    browser.post("/login/invitation", data=hidden(page))
    stranger, client = Browser(world), world.client(book.tenant)
    sign_in = stranger.follow(stranger.authorize(client))
    for password in ("", "Better-Lantern-8"):
        assert stranger.sign_in(sign_in, home, password=password).status_code == 401
    assert stranger.sign_in(sign_in, home).status_code == 303, "the one at home opens it"
    assert book.account().password_hash is None
