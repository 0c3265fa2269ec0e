"""A person who looks after their second factors, by the pages of the account."""

from typing import Any

from werkzeug.test import TestResponse

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.service import get
from authserver.core.database.engine import Transaction
from authserver.tenants.policy import TenantPolicy
from tests.support.account import enter, url
from tests.support.authenticator import App, codes_on, secret_on, where
from tests.support.browser import Browser, hidden
from tests.support.world import TenantFixture, UserFixture, World

MFA = "urn:authserver:acr:mfa"


def set_policy(world: World, tenant: TenantFixture, **policy: Any) -> None:
    """Let a tenant ask for something of its people."""
    world.services.database.write(
        lambda tx: world.services.tenants.set_policy(
            tx, tenant.slug, TenantPolicy(**policy), actor=world.operator
        )
    )
    world.services.watch.changed()


def edit(world: World, user: UserFixture, **values: Any) -> None:
    """Change an account's row behind the services."""

    def job(tx: Any) -> None:
        row = get(tx, user.tenant.id, user.id)
        for name, value in values.items():
            setattr(row, name, value)

    world.services.database.write(job)


class Keeper:
    """A person at the account pages, in a browser of their own."""

    def __init__(self, world: World, tenant: TenantFixture | None = None) -> None:
        self.world = world
        self.tenant = tenant or world.tenant()
        self.user: UserFixture = world.user(self.tenant)
        self.browser = Browser(world)
        self.app: App | None = None
        self.codes: list[str] = []
        enter(self.browser, self.user)

    def get(self, page: str, **query: str) -> TestResponse:
        return self.browser.get(url(page), query_string=query)

    def post(self, page: str, **fields: str) -> TestResponse:
        """Send a form that was shown for this account."""
        state = hidden(self.browser.get("/account/profile"))
        return self.browser.post(url(page), data={**state, **fields})

    def begin(self) -> tuple[TestResponse, App]:
        """Open the page that adds an app; return it, and the app that scanned it."""
        page = self.get("add_factor")
        assert page.status_code == 200, page.headers
        return page, App(self.world, secret_on(page))

    def add(self, name: str = "", **more: str) -> TestResponse:
        """Add an app, let its step pass, and return the answer."""
        page, app = self.begin()
        answer = self.browser.submit(page, code=app.code(), name=name, **more)
        assert answer.status_code == 303, answer.text
        self.app = app
        if where(answer) == url("backup_codes"):
            shown = self.browser.follow(answer)
            self.codes = codes_on(shown)
            assert len(self.codes) == 10
            self.browser.submit(shown, kept="yes")
        self.world.clock.move(seconds=30)
        return answer

    def ids(self) -> list[str]:
        """Return the ids of the apps on the page of security, the oldest first."""
        parts = self.get("security").text.split("/account/factors/remove?about=")
        return [part.partition('"')[0] for part in parts[1:]]

    def sign_in(self, browser: Browser, page: str = "overview", **more: str) -> TestResponse:
        """Sign in at an account page, with a code if one is asked for; return what comes then."""
        form = browser.follow(browser.sign_in(browser.get(url(page)), self.user))
        if form.request.path != "/login/mfa":
            return form
        assert self.app is not None
        answer = browser.submit(form, code=self.app.code(), **more)
        self.world.clock.move(seconds=30)
        return browser.follow(answer)

    def snapshot(self, transaction: Transaction) -> UserSnapshot:
        """Return the account as it is now."""
        return snapshot(get(transaction, self.tenant.id, self.user.id))

    def elsewhere(self) -> Browser:
        """Return another browser in which the person is signed in."""
        browser = Browser(self.world)
        assert self.sign_in(browser).status_code == 200
        return browser

    def is_in(self, browser: Browser | None = None) -> bool:
        """Tell whether the person is signed in."""
        return (browser or self.browser).get("/account").status_code == 200
