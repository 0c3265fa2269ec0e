"""A sign-in costs one password hash and at most eight SQL statements beyond it.

The budget is the sign-in's own: for a client two more find its request and note who it is. Every
process asks once more for the key of whom its trail has not met; here it has met everybody. A mail
is one more: about a browser that the account does not know while it knows others.
"""

from dataclasses import dataclass

import pytest
from sqlalchemy import delete

from authserver.accounts.models import FailureCounter
from tests.support.authenticator import Owner
from tests.support.browser import Browser
from tests.support.sql import executed
from tests.support.world import ClientFixture, UserFixture, World

BUDGET = 8
OF_THE_REQUEST = 2
OF_A_MAIL = 1


@dataclass
class Scene:
    """A person at a client's sign-in page."""

    world: World
    client: ClientFixture
    person: UserFixture

    def statements(self, browser: Browser, *, password: str = "", **request: str) -> list[str]:
        """Return what runs when the password page is sent."""
        page = browser.follow(browser.authorize(self.client, **request))
        with executed(self.world.services.database.engine) as found:
            browser.sign_in(page, self.person, password=password or self.person.password)
        return [statement for statement in found if not statement.startswith("BEGIN")]


@pytest.fixture
def scene(world: World) -> Scene:
    tenant = world.tenant()
    scene = Scene(world, world.client(tenant), world.user(tenant))
    scene.statements(Browser(world))
    return scene


def test_the_first_sign_in_of_an_account(scene: Scene) -> None:
    # The trail meets the person by a refusal: the account still knows no browser.
    scene.person = scene.world.user(scene.person.tenant)
    scene.statements(Browser(scene.world), password="Wrong-Horse-7")
    with scene.world.services.database.engine.begin() as connection:
        connection.execute(delete(FailureCounter).where(FailureCounter.user_id == scene.person.id))
    found = scene.statements(Browser(scene.world))
    assert len(found) <= BUDGET, found


def test_a_first_sign_in_in_a_browser_where_the_account_knows_others(scene: Scene) -> None:
    found = scene.statements(Browser(scene.world))
    assert sum("outbox_messages" in statement for statement in found) == OF_A_MAIL
    assert len(found) <= BUDGET + OF_A_MAIL, found


def test_a_sign_in_in_a_known_browser(scene: Scene) -> None:
    browser = Browser(scene.world)
    scene.statements(browser)
    browser.http.delete_cookie("__Host-as-session", domain="auth.example")
    found = scene.statements(browser)
    assert len(found) <= BUDGET, found


def test_a_sign_in_where_one_is_signed_in_already(scene: Scene) -> None:
    browser = Browser(scene.world)
    scene.statements(browser)
    found = scene.statements(browser, prompt="login")
    assert len(found) <= BUDGET + OF_THE_REQUEST, found


def test_a_sign_in_after_a_wrong_password(scene: Scene) -> None:
    browser = Browser(scene.world)
    scene.statements(browser)
    browser.http.delete_cookie("__Host-as-session", domain="auth.example")
    scene.statements(browser, password="Wrong-Horse-7")
    found = scene.statements(browser)
    assert len(found) <= BUDGET + OF_THE_REQUEST, found


def test_a_refusal(scene: Scene) -> None:
    found = scene.statements(Browser(scene.world), password="Wrong-Horse-7")
    assert len(found) <= BUDGET, found


def test_the_first_half_of_a_sign_in_with_two_factors(scene: Scene) -> None:
    scene.person = Owner(scene.world, scene.client).user
    found = scene.statements(Browser(scene.world))
    assert len(found) <= BUDGET, found
