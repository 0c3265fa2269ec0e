"""/login/password: email address and password on one page."""

from dataclasses import replace

from flask import make_response, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.accounts.directory import Audience, UserSnapshot
from authserver.accounts.signin import SignIn, SignInRefused, SignInRequest
from authserver.core.database.engine import Database
from authserver.login.step import Steps, back, pending_of
from authserver.mfa.partial import Hop
from authserver.mfa.service import SecondFactors
from authserver.oauth.authorize.flow import Situation
from authserver.oauth.levels import wanted_level
from authserver.sessions.models import PASSWORD
from authserver.sessions.service import SessionService, SessionStart

LEVEL = PASSWORD
METHODS = ("pwd",)  # RFC 8176


class PasswordPage:
    """Asks for email address and password."""

    def __init__(
        self,
        steps: Steps,
        sign_in: SignIn,
        *,
        sessions: SessionService,
        factors: SecondFactors,
        database: Database,
    ) -> None:
        """Take what decides attempts, starts sessions, and knows of second factors."""
        self._steps = steps
        self._sign_in = sign_in
        self._sessions = sessions
        self._factors = factors
        self._database = database

    def show(self) -> Response:
        """Show the form."""
        situation = self._steps.load()
        return self._page(situation, email=situation.request.login_hint or "")

    def submit(self) -> Response:
        """Try to sign in; on success return to where the next step is decided."""
        situation = self._steps.load()
        email = request.form.get("email", "").strip()
        try:
            signed_in = self._sign_in.attempt(self._attempt(situation, email))
        except SignInRefused as refused:
            return self._page(
                situation,
                email=email,
                error=_("The email address or the password is wrong."),
                status=refused.status,
            )
        if signed_in.device_token is None:
            return self._half_done(situation, signed_in.user)
        return self._signed_in(situation, signed_in.user, signed_in.device_token)

    def _attempt(self, situation: Situation, email: str) -> SignInRequest:
        client = situation.client
        organization = situation.request.organization or request.form.get("organization", "")
        return SignInRequest(
            audience=Audience(client.tenant.id, client.tenants_served),
            email=email,
            password=request.form.get("password", ""),
            actor=situation.browser.actor,
            organization=organization.strip().lower() or None,
            device_token=self._steps.device_token(),
            second_factor=wanted_level(situation.request.acr_values) > LEVEL,
        )

    def _half_done(self, situation: Situation, user: UserSnapshot) -> Response:
        """Remember that the password was right. It is no session, and gives no rights (TOP-07)."""
        hop = Hop(pending_of(situation).id, situation.browser.flow_token)
        token = self._database.write(
            lambda transaction: self._factors.begin(transaction, user, hop)
        )
        session.pop("csrf_token", None)
        response, cookie = make_response(back(situation)), self._steps.cookies.partial
        response.set_cookie(cookie.name, token, **cookie.attributes())
        return response

    def _signed_in(self, situation: Situation, user: UserSnapshot, device_token: str) -> Response:
        start = SessionStart(
            issuer=situation.issuer.url,
            user=user,
            level=LEVEL,
            amr=METHODS,
            actor=replace(situation.browser.actor, kind="user", principal=user.id),
            browser_token=situation.browser.session_token,
        )
        _session, token = self._database.write(
            lambda transaction: self._sessions.start(transaction, start)
        )
        # The next form gets a new CSRF token: the old one was known before the sign-in.
        session.pop("csrf_token", None)
        response = make_response(back(situation))
        cookies = self._steps.cookies
        response.set_cookie(cookies.session.name, token, **cookies.session.attributes())
        response.set_cookie(cookies.device.name, device_token, **cookies.device.attributes())
        return response

    def _page(
        self, situation: Situation, *, email: str, error: str | None = None, status: int = 200
    ) -> Response:
        several = situation.client.tenants_served is None or len(situation.client.serves) > 1
        return self._steps.render(
            situation,
            "login/password.html",
            status=status,
            email=email,
            organization=request.form.get("organization", ""),
            show_organization=several and situation.request.organization is None,
            error=error,
            notice=None,
        )
