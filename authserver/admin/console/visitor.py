"""Who looks at the console: the account of this browser that the account's pages are for, too.

Every answer is for that account, and every form names it. What is sensitive takes a sign-in of the
last five minutes; afterwards people come back to the screen that they left, which the browser's
flow cookie remembers by its name, never by a URL.
"""

from flask import g, redirect, request, session, url_for
from werkzeug.routing import BuildError
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.admin.caller import Caller, of_session
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.roles.service import RoleService
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.service import SessionService
from authserver.tenants.names import TenantNames

PLACE = "console"
_LEFT = "console_left"  # a key of the flow cookie
_MOST_LEFT = 600  # characters: the cookie has other things to carry


class Visitors:
    """Admits people, with what their roles allow them at this moment."""

    def __init__(
        self,
        sessions: SessionService,
        database: Database,
        *,
        roles: RoleService,
        cookies: CookiePolicy,
        clock: Clock,
        names: TenantNames,
    ) -> None:
        """Take what knows sessions, roles, and the looks of tenants."""
        self._database = database
        self._roles = roles
        self._access = Access(
            sessions, database, cookies=cookies, clock=clock, names=names, place=lambda: PLACE
        )

    def admit(self) -> Response | None:
        """Find out who it is, before any screen. Raises OtherAccount."""
        away = self._access.admit()
        if away is not None:
            return _left(away)
        who = visitor()
        with self._database.read() as view:
            g.caller = of_session(view, self._roles, who.session.user, actor=who.actor)
        return None

    def ask_again(self) -> Response | None:
        """Send the person to sign in again unless they just did; they come back here."""
        away = self._access.ask_again(None)
        return None if away is None else _left(away)


def caller() -> Caller:
    """Return who was admitted."""
    found: Caller = g.caller
    return found


def way_back() -> Response:
    """Go to the screen that was left for a sign-in."""
    left = session.pop(_LEFT, None)
    try:
        url = url_for(left[0], **left[1]) if left else url_for("console.home")
    except (BuildError, LookupError, TypeError):
        url = url_for("console.home")
    return redirect(url, code=303)


def _left(away: Response) -> Response:
    """Remember the screen; a script that asked for a part of it goes away as a whole."""
    endpoint, values = request.endpoint, {**request.args, **(request.view_args or {})}
    if endpoint != "console.back" and len(str(values)) <= _MOST_LEFT:
        session[_LEFT] = [endpoint, values]
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": away.headers["Location"]})
    return away
