"""The account pages of somebody who is a guest elsewhere, and those of the guest account."""

import pytest

from tests.support.account import ask
from tests.support.authenticator import set_up, where
from tests.support.chooser import House, press, signed_in
from tests.support.world import UserFixture, World

PASSWORD_PAGE = "/login/password"


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


@pytest.fixture
def ada(house: House) -> UserFixture:
    return house.world.user(house.inner)


@pytest.fixture
def guest(house: House, ada: UserFixture) -> UserFixture:
    return house.world.guest(ada, house.outer)


def test_a_guest_account_is_opened_and_shown(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    browser = signed_in(house.world, ada)
    page = browser.get("/account/tenants")
    assert "Open" in page.text
    answer = press(browser, page, about=guest.id)
    assert where(answer) == "/account"
    page = browser.get("/account/tenants")
    assert f"Tenant {house.outer.slug}" in page.text.split("Shown now")[0]


def test_a_tenant_that_demands_more_is_opened_after_a_second_factor(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    house.require_mfa(house.outer)
    browser = signed_in(house.world, ada)
    answer = press(browser, browser.get("/account/tenants"), about=guest.id)
    assert where(answer) == PASSWORD_PAGE
    page = browser.follow(browser.sign_in(answer, ada))
    assert page.request.path == "/login/mfa/setup"
    question = browser.follow(set_up(browser, page))
    assert question.request.path == "/account/tenants"
    assert where(browser.submit(question)) == "/account"


def test_what_is_sensitive_asks_at_home_and_comes_back_to_the_guest(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    browser = signed_in(house.world, ada)
    press(browser, browser.get("/account/tenants"), about=guest.id)
    house.world.clock.move(minutes=6)
    answer = ask(browser, "sessions", "others")
    assert where(answer) == PASSWORD_PAGE
    back = browser.sign_in(answer, ada)
    page = browser.follow(back)
    assert page.status_code == 200, page.headers
    assert where(browser.submit(page)) == "/account/sessions"
    assert (
        f"Tenant {house.outer.slug}" in browser.get("/account/tenants").text.split("Shown now")[0]
    )


def test_security_points_to_the_account_at_home(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    browser = signed_in(house.world, ada)
    press(browser, browser.get("/account/tenants"), about=guest.id)
    page = browser.get("/account/security").text
    assert "This is a guest account" in page
    assert f"Tenant {house.inner.slug}" in page
    assert "Last changed" not in page


def test_only_a_guest_account_of_ones_own_is_opened(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    stranger = house.world.guest(house.world.user(house.inner), house.outer)
    browser = signed_in(house.world, ada)
    page = browser.get("/account/tenants")
    for about in (stranger.id, ada.id, house.world.user(house.outer).id, "x"):
        assert press(browser, page, about=about).status_code == 404
        assert ask(browser, "tenants", about).status_code == 404
    assert guest.id in page.text
