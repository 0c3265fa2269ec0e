"""A sign-in costs one password hash and at most eight SQL statements beyond it.

The budget is the sign-in's own: for a client two more find its request and note who it is. Every
process asks once more for the key of whom its trail has not met; here it has met everybody.
"""

from dataclasses import dataclass

import pytest

from tests.support.authenticator import Owner
from tests.support.browser import Browser
from tests.support.sql import executed
from tests.support.world import ClientFixture, UserFixture, World

BUDGET = 8
OF_THE_REQUEST = 2


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


def test_a_first_sign_in_in_a_browser(scene: Scene) -> None:
    found = scene.statements(Browser(scene.world))
    assert len(found) <= BUDGET, found


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
    scene.statements(Browser(scene.world), password="Wrong-Horse-7")
    found = scene.statements(Browser(scene.world))
    assert len(found) <= BUDGET + OF_THE_REQUEST, found


def test_a_refusal(scene: Scene) -> None:
    found = scene.statements(Browser(scene.world), password="Wrong-Horse-7")
    assert len(found) <= BUDGET, found


def test_the_first_half_of_a_sign_in_with_two_factors(scene: Scene) -> None:
    scene.person = Owner(scene.world, scene.client).user
    found = scene.statements(Browser(scene.world))
    assert len(found) <= BUDGET, found
