"""Prompt, accounts, organization and hint in every combination: the code is for who was meant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.authenticator import where
from tests.support.browser import Browser, answered
from tests.support.chooser import CHOOSER, House, offered, press, signed_in
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.any_database

PROMPTS = (None, "none", "login", "select_account", "login select_account")


@dataclass
class Walk:
    """One request, and what its person did on the way."""

    house: House
    browser: Browser
    asked: dict[str, Any]
    signs_in_as: UserFixture
    chose: str | None = None
    typed: bool = False
    offers: list[str] = field(default_factory=list)

    def go(self) -> dict[str, str]:
        """Go all the way, choosing the last account; return what leaves for the client."""
        answer = self.browser.authorize(self.house.client, **self.asked)
        for _ in range(8):
            if where(answer) == "client":
                return answered(answer)
            answer = self._step(answer)
        raise AssertionError(f"in circles: {self.asked}")

    def _step(self, answer: TestResponse) -> TestResponse:
        page = self.browser.follow(answer)
        if page.status_code == 303:
            return page
        if page.request.path == CHOOSER:
            self.offers = offered(page)
            self.chose = self.offers[-1]
            return press(self.browser, page, account=self.chose)
        assert page.request.path == "/login/password", page.request.path
        self.typed = True
        return self.browser.submit(
            page, email=self.signs_in_as.email, password=self.signs_in_as.password
        )


def requests(people: list[UserFixture], tenants: list[str]) -> Iterator[dict[str, Any]]:
    hints = [None, *(person.email for person in people)]
    for prompt, organization, hint in product(PROMPTS, [None, *tenants], hints):
        yield {"prompt": prompt, "organization": organization, "login_hint": hint}


@pytest.mark.parametrize("present", ["nobody", "ada", "ada and bob", "ada, a guest as well"])
def test_the_code_is_for_who_was_chosen_or_for_the_only_one(world: World, present: str) -> None:
    house = House.build(world)
    ada, bob = world.user(house.inner), world.user(house.outer)
    accounts, people = {}, []
    if present != "nobody":
        accounts, people = {ada.id: ada}, [ada]
    if present == "ada and bob":
        accounts, people = {ada.id: ada, bob.id: bob}, [ada, bob]
    if "guest" in present:
        guest = world.guest(ada, house.outer)
        accounts[guest.id] = guest
    for asked in requests([ada, bob], [house.inner.slug, house.outer.slug]):
        fits = [
            one for one in accounts.values() if asked["organization"] in {None, one.tenant.slug}
        ]
        walk = Walk(house, signed_in(world, *people), asked, _who(asked, ada, bob, house))
        world.clock.move(seconds=5)
        said = walk.go()
        if asked["prompt"] == "none":
            assert not walk.typed
            assert not walk.chose
        if "error" in said:
            check_error(asked, fits, said["error"])
        else:
            check_sub(walk, fits, house.redeemed(said["code"])["sub"])


def check_error(asked: dict[str, Any], fits: list[UserFixture], error: str) -> None:
    assert asked["prompt"] == "none", asked
    undecided = len(fits) > 1 and len(named(asked, fits)) != 1
    assert error == ("account_selection_required" if undecided else "login_required"), asked


def check_sub(walk: Walk, fits: list[UserFixture], sub: str) -> None:
    if walk.chose:
        assert sub == walk.chose, walk.asked
        assert set(walk.offers) <= {walk.signs_in_as.id, *(one.id for one in fits)}, walk.asked
    elif walk.typed:
        assert sub in {walk.signs_in_as.id, *(one.id for one in fits)}, walk.asked
    else:
        only = [[one.id for one in some] for some in (fits, named(walk.asked, fits))]
        assert [sub] in only, walk.asked


def named(asked: dict[str, Any], fits: list[UserFixture]) -> list[UserFixture]:
    return [one for one in fits if one.email == asked["login_hint"]]


def _who(asked: dict[str, Any], ada: UserFixture, bob: UserFixture, house: House) -> UserFixture:
    """Return who signs in where that is asked for: somebody of the organisation."""
    return bob if asked["organization"] == house.outer.slug else ada
