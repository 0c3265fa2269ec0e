"""The console as an administrator's browser uses it."""

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from tests.support.browser import Browser
from tests.support.world import TenantFixture, UserFixture, World

ROOT = "/console"
_HIDDEN = re.compile(
    r'<input type="hidden" name="(csrf_token|account|once|version)" value="([^"]*)"'
)


class Console:
    """A browser in which an administrator is signed in."""

    def __init__(self, world: World, tenant: TenantFixture, user: UserFixture) -> None:
        self.world, self.tenant, self.user = world, tenant, user
        self.browser = Browser(world)

    def enter(self, path: str = "") -> TestResponse:
        """Come to a screen by way of the sign-in page, as far as that leads."""
        answer = self.browser.sign_in(self.browser.get(f"{ROOT}{path}"), self.user)
        for _ in range(4):
            if answer.status_code != 303:
                break
            answer = self.browser.follow(answer)
        return answer

    def get(self, path: str = "", **more: Any) -> TestResponse:
        return self.browser.get(f"{ROOT}{path}", **more)

    @property
    def session(self) -> str:
        """Return the session as pages name it."""
        found = re.search(r'data-session="([^"]*)"', self.browser.get("/api/v1/docs").text)
        assert found
        return found[1]

    def field(self, path: str, name: str) -> str:
        """Return what the form of a screen carries under a name."""
        return hidden(self.get(path))[name]

    def send(self, path: str, **fields: str) -> TestResponse:
        """Fill in the form of a screen, which may be told as its page."""
        return self.fill(self.get(path), **fields)

    def fill(self, page: TestResponse, **fields: str) -> TestResponse:
        """Send the form of a page."""
        assert page.status_code in {200, 409, 412, 422}, (page.status_code, page.headers)
        return self.browser.post(page.request.path, data={**hidden(page), **typed(fields)})


def typed(fields: dict[str, str]) -> dict[str, str]:
    """Return fields as a browser sends them: lines end as HTML says."""
    return {name: text.replace("\n", "\r\n") for name, text in fields.items()}


def enter(world: World, *roles: str, kind: str = "internal", path: str = "/tenants") -> Console:
    """Sign in somebody with these roles to the console."""
    tenant = world.tenant(kind)
    console = Console(world, tenant, world.user(tenant, *roles))
    console.enter(path)
    return console


def hidden(page: TestResponse) -> dict[str, str]:
    """Return what the form of a screen carries."""
    main = page.text.partition("<main")[2]
    return {name: unescape(value) for name, value in _HIDDEN.findall(main)}
