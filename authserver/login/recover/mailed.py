"""What every page of a mailed link does first: it takes the token out of the URL.

A URL stays in histories and on screens. So the token moves into a cookie that only this one page
gets, and the page is loaded again without it. Looking never uses a link up: programs that scan
mail follow every link.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from authserver.audit.events import Actor
from authserver.core import web
from authserver.links.service import Account
from authserver.login.entry import Entries, Entry
from authserver.login.step import open_tenant
from authserver.oauth.authorize.endpoint import current_browser
from authserver.oauth.authorize.pending import FlowClosed
from authserver.sessions.cookies import CookiePolicy
from authserver.tenants.snapshot import TenantSnapshot

CLOSED = "login/recover/closed.html"
TOKEN = "token"  # noqa: S105  the name of a parameter
_FORM = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url
_WAITING, _DONE = "recovering", "recovered"  # keys of the flow cookie
_CLOSED = 400


@dataclass(frozen=True)
class Hop:
    """A request to a page of a mailed link: the token, the page's issuer, and who asks."""

    token: str
    issuer: str
    actor: Actor


class MailedSteps:
    """Arrives at and leaves the pages of mailed links."""

    def __init__(
        self,
        entries: Entries,
        cookies: CookiePolicy,
        tenant: Callable[[str], TenantSnapshot | None],
    ) -> None:
        """Take what knows why somebody is here, the cookies, and what finds tenants by slug."""
        self.entries = entries
        self._cookies = cookies
        self._tenant = tenant

    def arrive(self, closed: str = CLOSED) -> Response | None:
        """Return the way to the page without its token in the URL; None where it has none.

        `closed` is the page for what is no token.
        """
        token = request.args.get(TOKEN)
        if token is None:
            return None
        if not _FORM.fullmatch(token):
            return self.closed(closed)
        response = redirect(_here(), code=303)
        return self.carry(response, token, path=_here())

    def carry(self, response: Response, token: str, *, path: str) -> Response:
        """Give the browser a token for the page at a path."""
        cookie = self._cookies.link
        response.set_cookie(cookie.name, token, **cookie.attributes(path))
        return response

    def hop(self) -> Hop:
        """Return what the present request is about; a token that is not there opens nothing."""
        token = web.cookie(request.headers.get("Cookie", ""), self._cookies.link.name)
        issuer = request.environ[web.ISSUER].url
        return Hop(token or "", issuer, current_browser(self._cookies).actor)

    def device_token(self) -> str | None:
        """Return by what the browser shows that somebody signed in in it before."""
        return request.cookies.get(self._cookies.device.name)

    def show(
        self, template: str, account: Account, *, status: int = 200, **context: object
    ) -> Response:
        """Return a page about an account, in the person's language and the tenant's name."""
        g.tenant = self._tenant(account.tenant_slug)
        if account.user.locale:
            g.ui_locales = (account.user.locale,)
        page = render_template(template, action=_here(), email=account.user.email, **context)
        return make_response(page, status)

    def show_newcomer(
        self, template: str, slug: str, *, status: int = 200, **context: object
    ) -> Response:
        """Return a page for somebody who has no account there, in the tenant's name."""
        g.tenant = self._tenant(slug)
        return make_response(render_template(template, action=_here(), **context), status)

    def closed(self, template: str = CLOSED) -> Response:
        """Return the page of every link that does nothing, whatever the reason."""
        entry = self.waiting()
        place: dict[str, Any] = dict(entry.place) if entry else {}
        issuer, client = request.environ[web.ISSUER], entry.client if entry else None
        registers = open_tenant(issuer, client) is not None
        page = render_template(
            template,
            recover_url=url_for("login.recover", **place),
            register_url=url_for("joining.register", **place) if registers else None,
            sign_in_url=entry.back
            if entry and entry.client
            else url_for("login.password", to="overview"),
        )
        return self._forget(make_response(page, _CLOSED))

    def done(self, what: str, page: str = "login.recovered") -> Response:
        """Leave for the page that says what was done; the token has served."""
        session[_DONE] = what
        return self._forget(redirect(url_for(page), code=303))

    def what_was_done(self) -> str | None:
        """Return what `done` said in this browser."""
        found: str | None = session.get(_DONE)
        return found

    def remember(self, entry: Entry) -> None:
        """Keep in mind what waits in this browser until the password is new."""
        session[_WAITING] = dict(entry.place)
        session.pop(_DONE, None)

    def way_on(self, own: str = "") -> str:
        """Return where to go on: to what waits in this browser, else to the account's own pages.

        Those ask for the sign-in, unless `own` is another way to them.
        """
        entry = self.waiting()
        return entry.back if entry else own or url_for("login.password", to="overview")

    def waiting(self) -> Entry | None:
        """Return what was kept in mind, if it still waits."""
        place = session.get(_WAITING)
        if not isinstance(place, dict):
            return None
        try:
            return self.entries.of(place)
        except FlowClosed:
            return None

    def _forget(self, response: Response) -> Response:
        cookie = self._cookies.link
        response.delete_cookie(
            cookie.name, path=_here(), secure=cookie.secure, httponly=True, samesite="Lax"
        )
        return response


def _here() -> str:
    return request.script_root + request.path
