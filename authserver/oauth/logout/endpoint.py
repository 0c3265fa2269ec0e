"""GET and POST /oauth/logout (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

from flask import g, redirect, request, session, url_for
from flask_babel import refresh
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from authserver.core import log, web
from authserver.oauth.authorize.endpoint import current_browser
from authserver.oauth.logout import frames
from authserver.oauth.logout.request import (
    PARAMETERS,
    LogoutRequest,
    LogoutRequests,
    Parameters,
    WayBack,
)
from authserver.oauth.logout.signing_out import Ended, SigningOut
from authserver.sessions.cookies import CookiePolicy

FRAMES = "frames"  # a key of the flow cookie: clients that the next page tells
MISFIT = "misfit"

_log = log.get(__name__)


class LogoutEndpoint:
    """Ends the session of an ID token at once; anything else asks the person first.

    A link or a form of a stranger must not sign anybody out (ATK-073): the ID token is what a
    stranger does not have.
    """

    def __init__(
        self, requests: LogoutRequests, signing_out: SigningOut, cookies: CookiePolicy
    ) -> None:
        """Take what reads requests and what ends sessions."""
        self._requests = requests
        self._signing_out = signing_out
        self._cookies = cookies

    def answer(self) -> Response:
        """Sign out and go back, or go to the page that asks."""
        if request.method == "HEAD":  # Flask takes it for a GET, which ends a session
            raise MethodNotAllowed(["GET", "POST"])
        if request.method == "POST":
            # Another site's form comes without our cookies: the browser asks again, with them.
            known = {name: request.form[name] for name in PARAMETERS if name in request.form}
            return redirect(url("oauth.logout", known), code=303)
        asked = self._requests.read(request.environ[web.ISSUER], request.args)
        ended = self._proved(asked)
        if ended is not None:
            return leave(ended, asked.back, self._cookies)
        if asked.misfit:
            _log.info("logout_not_followed", reason=asked.misfit)
        misfit = {MISFIT: asked.misfit.partition(":")[0]} if asked.misfit else {}
        return redirect(url("login.logout", {**asked.carried, **misfit}), code=303)

    def _proved(self, asked: LogoutRequest) -> Ended | None:
        """End the session that an ID token proves to be the client's; None where it does not."""
        if asked.misfit or asked.sid is None or asked.client is None:
            return None
        browser = current_browser(self._cookies)
        return self._signing_out.of_session(
            browser.session_token, asked.sid, client=asked.client, actor=browser.actor
        )


def leave(ended: Ended, back: WayBack | None, cookies: CookiePolicy) -> Response:
    """Send the browser back to the client, or to our last page if that has something to do."""
    if ended.nobody_left:
        session.clear()
    if ended.frames:
        session[FRAMES] = frames.stored(ended.frames)
    response = redirect(_next(ended, back), code=303)
    if ended.nobody_left:
        cookie = cookies.session
        response.delete_cookie(cookie.name, secure=cookie.secure, httponly=True, samesite="Lax")
    return response


def speak(asked: LogoutRequest) -> None:
    """Let the page have the client's tenant and language."""
    g.ui_locales = asked.locales
    if asked.client is not None:
        g.tenant = asked.client.tenant
    refresh()


def _next(ended: Ended, back: WayBack | None) -> str:
    if back is None:
        return url_for("login.signed_out")
    if not ended.frames:
        return back.location
    return url("login.signed_out", back.carried)


def url(endpoint: str, carried: Parameters) -> str:
    """Return the URL of a page with what it carries on."""
    query = urlencode(carried)
    return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)
