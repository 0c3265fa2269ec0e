"""A person who connects and disconnects providers, by the pages of the account."""

from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.federation.models import FederatedIdentity
from authserver.federation.values import Connection
from tests.support.account import url
from tests.support.authenticator import where
from tests.support.factors import Keeper
from tests.support.providers import OpenId
from tests.support.upstream import Traveller, away
from tests.support.world import TenantFixture, World


class Linker(Keeper):
    """Somebody at these pages, in a browser that goes to providers."""

    def __init__(self, world: World, tenant: TenantFixture) -> None:
        super().__init__(world, tenant)
        self.browser: Traveller = traveller(self)

    def ask(self, about: str) -> TestResponse:
        return self.browser.get(url("sign_ins"), query_string={"about": about})

    def leave(self, connection: Connection) -> str:
        """Go as far as the provider; return the URL there."""
        page = self.ask(connection.id)
        assert page.status_code == 200, page.headers
        return away(self.browser.submit(page))

    def connect(self, connection: Connection, provider: OpenId, **more: Any) -> TestResponse:
        """Go all the way; return the page that comes then."""
        person = provider.person(**{"email": self.user.email, **more})
        back = self.browser.back(provider.sign_in(self.leave(connection), person))
        assert where(back) == url("sign_ins"), back.headers
        return self.browser.follow(back)

    def identity(self) -> str:
        """Return the id of the only link."""
        wanted = select(FederatedIdentity.id).where(FederatedIdentity.user_id == self.user.id)
        with self.world.services.database.read() as view:
            return view.tenant(self.tenant.id).scalars(wanted).one()

    def unlink(self) -> TestResponse:
        page = self.ask(self.identity())
        assert page.status_code == 200, page.headers
        return self.browser.submit(page)

    def linked(self) -> int:
        wanted = select(FederatedIdentity.id).where(FederatedIdentity.user_id == self.user.id)
        with self.world.services.database.read() as view:
            return len(view.tenant(self.tenant.id).scalars(wanted).all())


def traveller(keeper: Keeper) -> Traveller:
    """Return another browser in which the person is signed in."""
    browser = Traveller(keeper.world)
    assert keeper.sign_in(browser).status_code == 200
    return browser
