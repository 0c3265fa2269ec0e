"""Guest accounts while something else happens: at the sign-in at home, or to one of the tenants."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.accounts.passwords.hasher import PasswordHasher
from authserver.audit.events import Actor
from authserver.core.net.browsers import Device
from authserver.core.problems import Refused
from authserver.sessions import rows
from tests.support.account import ask, open_guest
from tests.support.authenticator import where
from tests.support.browser import ISSUER, Browser
from tests.support.chooser import House, signed_in
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


def is_in(browser: Browser, person: UserFixture) -> bool:
    """Tell whether somebody is still signed in in a browser."""
    return person.email in browser.get("/").text


def name_of(browser: Browser) -> str:
    found = browser.http.get_cookie("__Host-as-session", "auth.example")
    assert found is not None
    return found.value


def opened_by_the_old_name(house: House, between: Callable[[UserFixture, Browser], None]) -> None:
    """Open a guest by what a request read of the browser before something else happened."""
    world, services = house.world, house.world.services
    home = world.user(house.other)
    guest, browser = world.guest(home, house.outer), signed_in(world, home)
    name = name_of(browser)
    (live,) = services.sessions.present(name, ISSUER)
    between(home, browser)
    by = Actor("user", home.id, "cor_open")
    with pytest.raises(Refused):
        services.database.write(
            lambda tx: services.guests.open(
                tx, live, guest.id, actor=by, device=Device(), browser_token=name
            )
        )
    assert services.sessions.present(name, ISSUER) == []


@pytest.mark.attack("ATK-065")
def test_a_name_of_before_the_sign_in_opens_no_guest_after_it(house: House) -> None:
    def sign_in(home: UserFixture, browser: Browser) -> None:
        browser.sign_in(browser.get("/login/password?to=overview"), home)
        assert is_in(browser, home)

    opened_by_the_old_name(house, sign_in)


@pytest.mark.attack("TOP-10")
def test_a_session_that_ended_with_its_tenants_epoch_opens_no_guest(house: House) -> None:
    opened_by_the_old_name(house, lambda home, _browser: house.require_mfa(home.tenant))


@pytest.mark.attack("ATK-065")
def test_a_guest_that_is_opened_while_home_signs_in_moves_along(
    house: House,
    another: Callable[[], World],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = house.world
    if world.services.database.engine.dialect.name == "sqlite":
        pytest.skip("its writers come one after the other")
    home, other = world.user(house.other), another().services
    guest = world.guest(home, house.outer)
    browser = signed_in(world, home)
    old, there, left = name_of(browser), rows.there, [1]
    (live,) = world.services.sessions.present(old, ISSUER)
    by = Actor("user", home.id, "cor_open")

    def and_then(*given: Any, **more: Any) -> Any:
        found = there(*given, **more)
        if left:
            left.clear()
            other.database.write(
                lambda tx: other.guests.open(
                    tx, live, guest.id, actor=by, device=Device(), browser_token=old
                )
            )
        return found

    monkeypatch.setattr(rows, "there", and_then)
    page = browser.get("/login/password?to=overview")
    assert browser.sign_in(page, home).status_code == 303
    assert not left
    assert world.services.sessions.present(old, ISSUER) == []
    here = world.services.sessions.present(name_of(browser), ISSUER)
    assert {one.user.id for one in here} == {home.id, guest.id}


def during_the_hash(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen once, while a password is compared."""
    verify = PasswordHasher.verify

    def slow(self: PasswordHasher, *values: Any) -> Any:
        monkeypatch.setattr(PasswordHasher, "verify", verify)
        happens()
        return verify(self, *values)

    monkeypatch.setattr(PasswordHasher, "verify", slow)


def test_a_guest_that_is_closed_during_the_hash_leaves_the_browser_with_its_name(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = house.world
    other, home = world.user(house.other), world.user(house.inner)
    browser = signed_in(world, other, home)
    guest = open_guest(browser, world, home)
    world.clock.move(minutes=6)
    question = ask(browser, "sessions", "others")
    assert where(question) == "/login/password"
    during_the_hash(monkeypatch, lambda: world.disable(guest))
    browser.sign_in(question, guest)
    assert is_in(browser, home)
    assert other.email in browser.get("/account/tenants").text
