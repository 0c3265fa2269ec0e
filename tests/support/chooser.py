"""A house with several tenants, one client for all of them, and the account chooser."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from authserver.tenants.policy import TenantPolicy
from tests.support.authenticator import where
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

CHOOSER = "/login/account"
_CHOICE = re.compile(r'name="account" value="([^"]+)"')
_END = re.compile(r'name="sign_out" value="([^"]+)"')


@dataclass
class House:
    """The operator's tenant with a client that serves everybody, and two other tenants."""

    world: World
    inner: TenantFixture
    outer: TenantFixture
    other: TenantFixture
    client: ClientFixture

    @classmethod
    def build(cls, world: World, **client: Any) -> "House":
        inner, outer, other = world.tenant("internal"), world.tenant(), world.tenant()
        registered = world.client(inner, serves=["*"], first_party=True, **client)
        return cls(world, inner, outer, other, registered)

    def sub(self, answer: TestResponse) -> str:
        """Redeem the code that an answer brings; return whom the tokens are about."""
        return str(self.claims(answer)["sub"])

    def claims(self, answer: TestResponse) -> dict[str, Any]:
        return self.redeemed(answered(answer)["code"])

    def redeemed(self, code: str) -> dict[str, Any]:
        """Return the claims of the access token that a code gives."""
        tokens = Party(self.world, self.client).redeem(code)
        assert tokens.status_code == 200, tokens.text
        middle = tokens.json["access_token"].split(".")[1]
        return dict(json.loads(base64.urlsafe_b64decode(middle + "==")))

    def require_mfa(self, tenant: TenantFixture) -> None:
        """Let a tenant demand a second factor."""
        policy, by = TenantPolicy(mfa_required=True), self.world.operator
        services = self.world.services
        services.database.write(
            lambda tx: services.tenants.set_policy(tx, tenant.slug, policy, actor=by)
        )
        services.watch.changed()


def offered(page: TestResponse) -> list[str]:
    """Return the accounts that a chooser offers, by id."""
    assert page.status_code in {200, 409}, page.status_code
    return _CHOICE.findall(page.text)


def endable(page: TestResponse) -> list[str]:
    """Return the sessions that a chooser can end."""
    return _END.findall(page.text)


def choose(browser: Browser, page: TestResponse, user: UserFixture) -> TestResponse:
    """Press an account's button and go where it leads; `page` may be the redirect to it."""
    page = browser.follow(page) if page.status_code == 303 else page
    assert user.id in offered(page), page.text
    return browser.follow(press(browser, page, account=user.id))


def press(browser: Browser, page: TestResponse, **button: str) -> TestResponse:
    """Send the chooser's form by one of its buttons."""
    return browser.post(page.request.path, data={**hidden(page), **button})


def signed_in(world: World, *people: UserFixture) -> Browser:
    """Return a browser in which people signed in at our own door, one after the other."""
    browser = Browser(world)
    for person in people:
        page = browser.get("/login/password?to=overview")
        assert where(browser.sign_in(page, person)) == "/account"
        world.clock.move(seconds=1)
    return browser
