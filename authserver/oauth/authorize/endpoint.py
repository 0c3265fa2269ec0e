"""GET and POST /oauth/authorize: the people's lane of the protocol."""

from collections.abc import Callable, Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from flask import Flask, redirect, render_template, request, session, url_for
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind
from authserver.core import web
from authserver.oauth.authorize.accounts.remembered import Remembered
from authserver.oauth.authorize.answer import ClientAnswer, form_action_source
from authserver.oauth.authorize.at_once import RAISED
from authserver.oauth.authorize.flow import AuthorizationFlow, Browser, GoTo
from authserver.oauth.authorize.next_step import Step
from authserver.oauth.authorize.request import REPEATABLE
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.sessions.cookies import CookiePolicy
from authserver.tenants.resolve import Issuer

PAGES = {
    Step.CREATE_ACCOUNT: "joining.register",
    Step.CHOOSE_ACCOUNT: "login.account",
    Step.SIGN_IN: "login.password",
    Step.SECOND_FACTOR: "login.mfa",
    Step.SET_UP_FACTOR: "login.mfa_setup",
    Step.KEEP_BACKUP_CODES: "login.mfa_codes",
    Step.CHANGE_PASSWORD: "login.change_password",
    Step.CONSENT: "login.consent",
}
HANDLE = "flow"
_FLOW_TOKEN = "browser"  # noqa: S105  a key of the flow cookie
_LONGEST = 4096  # characters of a URL that every proxy hands on
_SECRETS = frozenset({"client_secret", "client_assertion"})  # have no business here, nor in a URL
_USED = "used"  # another: which account was last used for which client


class AuthorizeEndpoint:
    """Takes authorization requests and those who come back from a page."""

    def __init__(self, flow: AuthorizationFlow, cookies: CookiePolicy) -> None:
        """Take what decides and the names of the cookies."""
        self._flow = flow
        self._cookies = cookies

    def answer(self) -> Response:
        """Answer the request: a page to see, or the client's answer."""
        if request.method == "HEAD":  # Flask takes it for a GET, which issues a code
            raise MethodNotAllowed(["GET", "POST"])
        if RAISED in request.environ:
            raise request.environ[RAISED]
        issuer: Issuer = request.environ[web.ISSUER]
        form = _parameters()
        if (here := _asked_again(form)) is not None:
            return redirect(here, code=303)
        browser = current_browser(self._cookies)
        handle = form.get(HANDLE)
        if handle is not None and form.get("client_id") is None:
            outcome = self._flow.resume(issuer, handle, browser)
        else:
            outcome = self._flow.begin(issuer, form, browser)
        if isinstance(outcome, GoTo):
            bind(browser)
            return redirect(url_for(PAGES[outcome.step], flow=outcome.handle), code=303)
        if outcome.chosen:
            remember(browser, *outcome.chosen)
        return send(outcome)


def current_browser(cookies: CookiePolicy) -> Browser:
    """Return what identifies the browser of the present request."""
    presented = request.headers.get("Cookie", "")
    flow_token = session.get(_FLOW_TOKEN) or token_urlsafe(32)
    actor = MachineRequest.of(request.environ).actor(ActorKind.ANONYMOUS, "")
    kept = dict(session)
    return Browser(
        session_token=web.cookie(presented, cookies.session.name),
        flow_token=flow_token,
        actor=actor,
        partial_token=web.cookie(presented, cookies.partial.name),
        device_token=web.cookie(presented, cookies.device.name),
        trust_token=web.cookie(presented, cookies.trust.name),
        remembered=lambda: _remembered(kept),
    )


def bind(browser: Browser) -> None:
    """Let the browser be known again by its flow token: what it begins now is its alone.

    Where it is already, its cookie stays as it is: a late answer must not undo a later one.
    """
    if session.get(_FLOW_TOKEN) != browser.flow_token:
        session[_FLOW_TOKEN] = browser.flow_token


def remember(browser: Browser, client_id: str, account_id: str) -> None:
    """Let the client have the same account the next time, without a question."""
    known = Remembered(browser.flow_token, browser.remembered().pairs)
    bind(browser)
    session[_USED] = [list(pair) for pair in known.with_choice(client_id, account_id).pairs]


def recalled(app: Flask) -> Callable[[dict[str, Any]], Remembered]:
    """Return what reads the flow cookie of a request that Flask has not seen."""

    def recall(environ: dict[str, Any]) -> Remembered:
        opened = app.session_interface.open_session(app, app.request_class(environ))
        return _remembered(opened or {})

    return recall


def _remembered(kept: Mapping[str, Any]) -> Remembered:
    pairs = tuple((client, account) for client, account in kept.get(_USED, ()))
    return Remembered(kept.get(_FLOW_TOKEN, ""), pairs)


def send(answer: ClientAnswer) -> Response:
    """Send the browser to the client, by redirect or by a form that posts itself.

    Where the person is asked first, both stand on the page and neither goes by itself.
    """
    if answer.response_mode == "query" and answer.asks is None:
        return redirect(answer.location, code=303)
    page = render_template(
        "oauth/form_post.html" if answer.asks is None else "oauth/leave.html",
        action=answer.redirect_uri,
        fields=list(answer.parameters.items()),
        location=answer.location if answer.response_mode == "query" else None,
        asks=answer.asks,
        host=answer.host,
    )
    response = Response(page, status=400 if answer.asks else 200, mimetype="text/html")
    source = form_action_source(answer.redirect_uri)
    nonce = web.csp_nonce(request.environ)
    response.headers["Content-Security-Policy"] = web.content_security_policy(
        nonce, form_action=source
    )
    return response


def _asked_again(form: Form) -> str | None:
    """Return where a request goes that another site's page has posted; None for any other.

    Such a form comes without our cookies, whoever is signed in here; where it is sent on, the
    browser has them (docs/decisions/0067). What is too long for a URL is answered as it came.
    """
    alone = request.method == "POST" and "Cookie" not in request.headers
    if not alone or request.headers.get("Sec-Fetch-Site") != "cross-site":
        return None
    asked = {name: texts for name, texts in form.values.items() if name not in _SECRETS}
    here = f"{url_for('oauth.authorize')}?{urlencode(asked, doseq=True)}"
    return here if len(here) <= _LONGEST else None


def _parameters() -> Form:
    """Return query or body, read strictly; a POST has no query."""
    if request.method != "POST":
        return Form(web.parse_form(request.query_string, repeatable=REPEATABLE))
    return Form(web.read_form(request.environ, repeatable=REPEATABLE))
