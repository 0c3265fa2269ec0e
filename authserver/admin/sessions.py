"""Calls of the API by a page of ours, for the person who is signed in there.

A browser sends its cookie with whatever any site asks of it. So the cookie alone is nothing: the
header `Console-Session` names the session that the page is for, as the forms of pages do. Another
site's page cannot send that header (it is none that CORS lets through without asking, and nobody
answers that question with yes), and does not know its value.
"""

from urllib.parse import urlsplit

from authserver.account.access import RECENT
from authserver.admin.caller import Caller, Unauthenticated, of_session
from authserver.audit.events import ActorKind
from authserver.core import web
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.mfa.left import factors_left
from authserver.oauth.lane.request import MachineRequest
from authserver.roles.service import RoleService
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.models import SECOND_FACTOR
from authserver.sessions.service import LiveSession, SessionService

HEADER = "Console-Session"
_SENT_AS = "CONSOLE_SESSION"


class SessionCallers:
    """Finds the person of a call that names a session of its browser."""

    def __init__(
        self,
        sessions: SessionService,
        database: Database,
        *,
        roles: RoleService,
        cookies: CookiePolicy,
        clock: Clock,
    ) -> None:
        """Take what knows sessions and roles."""
        self._sessions = sessions
        self._database = database
        self._roles = roles
        self._cookies = cookies
        self._clock = clock

    def of(self, request: MachineRequest) -> Caller | None:
        """Return who calls, None where the call names no session. Raises Unauthenticated."""
        wanted = request.header(_SENT_AS)
        if not wanted:
            return None
        if not _is_of_our_page(request):
            raise Unauthenticated("a session, from another site's page", presented=True)
        token = web.cookie(request.header("COOKIE"), self._cookies.session.name)
        live = self._sessions.present(token, request.issuer.url)
        found = next((one for one in live if one.id == wanted), None)
        if found is None:
            raise Unauthenticated("no such session in this browser", presented=True)
        actor = request.actor(ActorKind.USER, found.user.id)
        with self._database.read() as view:
            left = factors_left(view, found.user) if found.level < SECOND_FACTOR else ()
            fresh = self._is_recent(found) and not left
            return of_session(view, self._roles, found.user, actor=actor, fresh=fresh)

    def _is_recent(self, session: LiveSession) -> bool:
        return self._clock.now() - session.auth_time <= RECENT


def _is_of_our_page(request: MachineRequest) -> bool:
    site, origin = request.header("SEC_FETCH_SITE"), request.header("ORIGIN")
    parts = urlsplit(request.issuer.url)
    return site in {"", "same-origin"} and origin in {"", f"{parts.scheme}://{parts.netloc}"}
