"""What the second wall adds to requests: no message on the paths of tokens, few to a sign-in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from authserver.core.database.wall import scope
from tests.support.browser import Browser, Party
from tests.support.world import World

pytestmark = pytest.mark.parametrize("installation", ["postgresql"], indirect=True, scope="session")
BUDGET_OF_A_SIGN_IN = 6


@dataclass
class Said:
    """What was said of whose rows are meant, beside what begins a transaction anyway."""

    messages: list[str] = field(default_factory=list)

    def by(self, act: Callable[[], Any]) -> list[str]:
        self.messages.clear()
        act()
        return [message for message in self.messages if not message.startswith("BEGIN; ")]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    say, found = scope._say, Said()  # noqa: SLF001  the one place where it is said

    def noted(connection: Any, sql: str) -> None:
        found.messages.append(sql)
        say(connection, sql)

    monkeypatch.setattr(scope, "_say", noted)
    return found


def test_the_paths_of_tokens_say_nothing_more(world: World, said: Said) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant, "admin"), world.client(tenant)
    browser, party = Browser(world), Party(world, client)
    tokens = party.redeem(browser.code(client, person, scope="openid offline_access")).json
    machine = Party(world, world.client(tenant, "service"))
    assert said.by(machine.machine) == []
    assert said.by(lambda: party.refresh(tokens["refresh_token"])) == []
    assert said.by(lambda: party.userinfo(tokens["access_token"])) == []
    assert said.by(lambda: browser.authorize(client, scope="openid")) == []
    assert said.messages[0] == "BEGIN; SET LOCAL authserver.tenant = '*'"


def test_a_sign_in_says_it_a_few_times(world: World, said: Said) -> None:
    tenant = world.tenant()
    person, client = world.user(tenant), world.client(tenant)
    for _ in range(2):
        browser = Browser(world)
        page = browser.follow(browser.authorize(client))
        found = said.by(lambda b=browser, p=page: b.sign_in(p, person, password=person.password))
        assert 0 < len(found) <= BUDGET_OF_A_SIGN_IN, found
