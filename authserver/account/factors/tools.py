"""What the pages of the factors work with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.views import Moment, Pages, moment
from authserver.core.database.engine import Database, Transaction
from authserver.mfa.authenticators import NAME, App
from authserver.mfa.own.service import OwnFactors
from authserver.mfa.own.values import Owned, Present
from authserver.oauth.authorize.endpoint import bind, current_browser
from authserver.sessions.cookies import CookiePolicy

T = TypeVar("T")
REFUSED = 403


@dataclass(frozen=True)
class AppView:
    """An authenticator app as its owner sees it."""

    id: str
    name: str
    added: Moment


@dataclass(frozen=True)
class Tools:
    """What the pages work with."""

    access: Access
    pages: Pages
    database: Database
    own: OwnFactors
    cookies: CookiePolicy

    def present(self) -> Present:
        """Return who asks, in a browser that is known again by its flow cookie."""
        who, browser = visitor(), current_browser(self.cookies)
        bind(browser)
        return Present(who.session.user, who.session.id, browser.flow_token, who.actor)

    def owned(self) -> Owned:
        """Return what the person has."""
        with self.database.read() as view:
            return self.own.of(view, visitor().session.user)

    def write(self, job: Callable[[Transaction, Present], T]) -> T:
        """Do a change of the person who asks."""
        who = self.present()
        return self.database.write(lambda transaction: job(transaction, who))

    def render(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Return a page that leads back to the one of security."""
        return self.pages.render(
            template, status=status, back_url=url_for("account.security"), **context
        )


def app_view(app: App) -> AppView:
    """Return an app for a page; a name that nobody chose is said in the person's language."""
    name = _("Authenticator app") if app.name == NAME else app.name
    return AppView(app.id, name, moment(app.added_at))
