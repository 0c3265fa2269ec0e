"""GET /oauth/authorize before Flask, for who needs no page (docs/decisions/0009).

The answer to somebody who is signed in and has consented is a redirect. The same flow decides it
as behind Flask; whatever takes a page, to see or to be told why not, is passed on unanswered.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from authserver.audit.events import ActorKind
from authserver.core import web
from authserver.oauth.authorize.accounts.remembered import Remembered
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.authorize.flow import AuthorizationFlow, Browser
from authserver.oauth.authorize.request import REPEATABLE
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.sessions.cookies import CookiePolicy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/oauth/authorize"
RAISED = "authserver.authorize_raised"
_REDIRECTS = frozenset({None, "query", "jwt", "query.jwt"})


class AtOnce:
    """Wraps Flask. Must not know what a page looks like."""

    def __init__(
        self,
        people: "WSGIApplication",
        flow: AuthorizationFlow,
        cookies: CookiePolicy,
        *,
        recall: "Callable[[WSGIEnvironment], Remembered]",
    ) -> None:
        """Take Flask, what decides, the names of the cookies, and what reads the choices in one.

        They are read only for who has several accounts in the browser.
        """
        self._people = people
        self._flow = flow
        self._cookie = cookies.session.name
        self._recall = recall

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request, or pass it on."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "GET":
            return self._people(environ, start_response)
        answer = None
        try:
            answer = self._answer(environ)
        except Exception as error:  # noqa: BLE001  behind Flask it is logged and becomes a page
            environ[RAISED] = error
        if answer is None:
            return self._people(environ, start_response)
        headers = (("Location", answer.location), web.NO_CONTENT_POLICY)
        return web.Answer(303, b"", headers).send(start_response)

    def _answer(self, environ: "WSGIEnvironment") -> ClientAnswer | None:
        query = environ.get("QUERY_STRING", "").encode("latin-1")
        form = Form(web.parse_form(query, repeatable=REPEATABLE))
        session_token = web.cookie(environ.get("HTTP_COOKIE", ""), self._cookie)
        # Nobody is signed in, somebody comes back from a page, or the answer is a page itself.
        shown = form.get("client_id") is None or form.get("response_mode") not in _REDIRECTS
        elsewhere = form.get("request") is not None or form.get("request_uri") is not None
        if session_token is None or shown or elsewhere:
            return None
        actor = MachineRequest.of(environ).actor(ActorKind.ANONYMOUS, "")
        browser = Browser(session_token, "", actor, remembered=lambda: self._recall(environ))
        return self._flow.at_once(environ[web.ISSUER], form, browser)
