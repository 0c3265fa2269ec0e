"""/device: a person enters the code that a device shows (RFC 8628 section 3.3).

A code in the URL is only typed for them: nothing happens before they send the form.
"""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from authserver.clients.registered import RegisteredClient
from authserver.core import web
from authserver.core.cache import Snapshots
from authserver.core.problems import Problem
from authserver.oauth.authorize.accounts.situation import Browser, Situation
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.authorize.endpoint import PAGES, bind, current_browser
from authserver.oauth.authorize.flow import AuthorizationFlow
from authserver.oauth.authorize.request import for_device
from authserver.oauth.client_auth.authenticate import find
from authserver.oauth.device.codes import shown, typed
from authserver.oauth.device.guessing import TooManyUserCodes
from authserver.oauth.device.service import Devices, UnknownUserCode
from authserver.sessions.cookies import CookiePolicy
from authserver.tenants.resolve import Issuer

_LONGEST = 64  # characters of what is shown again


class EnterPage:
    """Takes the code and leads into the sign-in that every client has."""

    def __init__(
        self,
        flow: AuthorizationFlow,
        devices: Devices,
        *,
        clients: Snapshots[str, RegisteredClient],
        cookies: CookiePolicy,
    ) -> None:
        """Take what decides, what keeps devices, and their clients."""
        self._flow = flow
        self._devices = devices
        self._clients = clients
        self._cookies = cookies

    def show(self) -> Response:
        """Show the form."""
        return _page(request.args.get("user_code", ""))

    def submit(self) -> Response:
        """Look the code up and go on to the sign-in; a wrong one is said on the page."""
        text = request.form.get("user_code", "")
        browser = current_browser(self._cookies)
        issuer: Issuer = request.environ[web.ISSUER]
        try:
            situation = self._situation(text, issuer, browser)
        except (UnknownUserCode, TooManyUserCodes) as refused:
            return _page(text, refused=refused)
        outcome = self._flow.begin_for_device(situation)
        bind(browser)
        if isinstance(outcome, ClientAnswer):
            return redirect(outcome.location, code=303)
        return redirect(url_for(PAGES[outcome.step], flow=outcome.handle), code=303)

    def _situation(self, text: str, issuer: Issuer, browser: Browser) -> Situation:
        waiting = self._devices.enter(
            text, issuer=issuer.url, browser=browser.flow_token, actor=browser.actor
        )
        client = find(self._clients, issuer, waiting.client_id)
        if client is None or not client.usable:
            raise UnknownUserCode(detail="the client is gone or disabled")
        done = issuer.url + url_for("device.done")[len(request.script_root) :]
        asked = for_device(
            device=waiting.id,
            user_code=_code_of(text),
            redirect_uri=done,
            scope=waiting.scope,
            resources=waiting.resources,
        )
        return Situation(issuer, client, asked, browser, None)


def _code_of(text: str) -> str:
    code = typed(text)
    return shown(code) if code else text


def _page(text: str, *, refused: Problem | None = None) -> Response:
    page = render_template(
        "login/device/enter.html",
        action=request.script_root + request.path,
        user_code=_code_of(text)[:_LONGEST],
        given=bool(text) and refused is None,
        unknown=isinstance(refused, UnknownUserCode),
        closed=isinstance(refused, TooManyUserCodes),
    )
    response = make_response(page, refused.status if refused else 200)
    response.headers.extend(refused.headers if refused else {})
    return response
