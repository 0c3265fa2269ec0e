"""An authenticator app, and a person who signs in with it: by the pages, as people do."""

import base64
import re
from dataclasses import replace
from typing import Any

import pyotp
from werkzeug.test import TestResponse

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.service import get
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from tests.support.browser import Browser
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

_SECRET = re.compile(r'data-copy="([A-Z2-7]{32})"')
_BACKUP = re.compile(r"<code>([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})</code>")


class App:
    """Shows codes for a secret, by the world's clock."""

    def __init__(self, world: World, secret: str) -> None:
        self.world = world
        self.secret = secret

    def code(self, *, steps: int = 0) -> str:
        """Return the code of now, or of some steps of 30 seconds later."""
        step = int(self.world.clock.now().timestamp()) // 30 + steps
        return pyotp.TOTP(self.secret).generate_otp(step)

    def seed(self) -> bytes:
        """Return the seed behind the text."""
        return base64.b32decode(self.secret)

    def wrong(self) -> str:
        """Return six digits that are no code of about now."""
        near = {self.code(steps=steps) for steps in (-2, -1, 0, 1, 2)}
        return next(text for text in ("000000", "111111", "222222", "333333") if text not in near)


def secret_on(page: TestResponse) -> str:
    """Return the secret that a set-up page shows."""
    found = _SECRET.search(page.text)
    assert found, page.text
    return found[1]


def codes_on(page: TestResponse) -> list[str]:
    """Return the backup codes that a page shows."""
    return _BACKUP.findall(page.text)


def where(answer: TestResponse) -> str:
    """Return the page that an answer leads to, or `client`."""
    location = answer.headers.get("Location", "")
    return location.partition("?")[0] if location.startswith("/") else "client"


def halfway(
    browser: Browser, client: ClientFixture, user: UserFixture, **more: Any
) -> TestResponse:
    """Type the right password, and return the page that comes next."""
    back = browser.sign_in(browser.authorize(client, **more), user)
    return browser.follow(browser.follow(back))


def set_up(browser: Browser, page: TestResponse) -> TestResponse:
    """Connect an app on its page and keep the codes; return the answer to that."""
    app = App(browser.world, secret_on(page))
    shown = browser.follow(browser.submit(page, code=app.code()))
    shown = browser.follow(shown) if shown.status_code == 303 else shown
    assert codes_on(shown)
    browser.world.clock.move(seconds=30)
    return browser.submit(shown, kept="yes")


class Owner:
    """A person with an authenticator app and backup codes, set up by a first sign-in."""

    def __init__(
        self, world: World, client: ClientFixture, tenant: TenantFixture | None = None
    ) -> None:
        self.world, self.client = world, client
        self.user = world.user(tenant or client.tenant)
        browser = Browser(world)
        page = halfway(browser, client, self.user, acr_values="urn:authserver:acr:mfa")
        assert page.request.path == "/login/mfa/setup", page.request.path
        self.app = App(world, secret_on(page))
        shown = browser.follow(browser.follow(browser.submit(page, code=self.app.code())))
        self.codes = codes_on(shown)
        assert len(self.codes) == 10
        self.last = browser.submit(shown, kept="yes")
        assert where(self.last) == "/oauth/authorize"
        # Codes of the step that is used up are refused: the next sign-in takes a new one.
        world.clock.move(seconds=30)

    def at_the_code(self, browser: Browser | None = None, **more: Any) -> TestResponse:
        """Return the page that asks for the code, in a browser of its own."""
        return halfway(browser or Browser(self.world), self.client, self.user, **more)

    def snapshot(self, transaction: Transaction) -> UserSnapshot:
        """Return the account as it is now."""
        return snapshot(get(transaction, self.user.tenant.id, self.user.id))

    def actor(self) -> Actor:
        """Return the person as an actor."""
        return replace(self.world.operator, kind="user", principal=self.user.id)

    def enter(self, browser: Browser, page: TestResponse, code: str, **more: str) -> TestResponse:
        """Send the page's form."""
        return browser.submit(page, code=code, **more)

    def sign_in(self, browser: Browser, **more: Any) -> TestResponse:
        """Go all the way; return the answer that leaves for the client."""
        page = self.at_the_code(browser, **more)
        assert page.request.path == "/login/mfa", page.request.path
        answer = browser.follow(self.enter(browser, page, self.app.code()))
        if where(answer) == "/login/consent":
            answer = browser.follow(browser.submit(browser.follow(answer), decision="allow"))
        assert where(answer) == "client"
        self.world.clock.move(seconds=30)
        return answer
