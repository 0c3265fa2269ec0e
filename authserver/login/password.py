"""/login/password: email address and password on one page."""

from dataclasses import replace

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.signin import SignIn, SignInRefused, SignInRequest
from authserver.core.database.engine import Database
from authserver.login.entry import Entries, Entry
from authserver.login.mfa.half import Entered, SecondHalf
from authserver.oauth.authorize.endpoint import HANDLE
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.models import PASSWORD
from authserver.sessions.service import SessionService, SessionStart

LEVEL = PASSWORD
METHODS = ("pwd",)  # RFC 8176


class PasswordPage:
    """Asks for email address and password: for a client, or for a page of our own."""

    def __init__(
        self,
        entries: Entries,
        sign_in: SignIn,
        *,
        half: SecondHalf,
        sessions: SessionService,
        database: Database,
        cookies: CookiePolicy,
    ) -> None:
        """Take what decides attempts, starts sessions, and goes on where that is not enough."""
        self._entries = entries
        self._sign_in = sign_in
        self._half = half
        self._sessions = sessions
        self._database = database
        self._cookies = cookies

    def show(self) -> Response:
        """Show the form."""
        entry = self._entries.load()
        return self._page(entry, email=entry.email)

    def submit(self) -> Response:
        """Try to sign in; on success go to what is next."""
        entry = self._entries.load()
        email = request.form.get("email", "").strip()
        try:
            signed_in = self._sign_in.attempt(self._attempt(entry, email))
        except SignInRefused as refused:
            return self._page(
                entry,
                email=email,
                error=_("The email address or the password is wrong."),
                status=refused.status,
            )
        if signed_in.device_token is None:
            return self._half.begin(entry, signed_in.user)
        return self._signed_in(entry, signed_in.user, signed_in.device_token)

    def _attempt(self, entry: Entry, email: str) -> SignInRequest:
        organization = entry.organization or request.form.get("organization", "")
        return SignInRequest(
            audience=entry.audience,
            email=email,
            password=request.form.get("password", ""),
            actor=entry.browser.actor,
            organization=organization.strip().lower() or None,
            device_token=request.cookies.get(self._cookies.device.name),
            second_factor=entry.second_factor,
        )

    def _signed_in(self, entry: Entry, user: UserSnapshot, device_token: str) -> Response:
        start = SessionStart(
            issuer=entry.issuer.url,
            user=user,
            level=LEVEL,
            amr=METHODS,
            actor=replace(entry.browser.actor, kind="user", principal=user.id),
            browser_token=entry.browser.session_token,
        )
        _session, token = self._database.write(
            lambda transaction: self._sessions.start(transaction, start)
        )
        return self._half.back(entry, Entered(token, device_token))

    def _page(
        self, entry: Entry, *, email: str, error: str | None = None, status: int = 200
    ) -> Response:
        notice = _("This needs your password once more, to be sure that it is you.")
        return entry.page(
            "login/password.html",
            status=status,
            email=email,
            organization=request.form.get("organization", ""),
            show_organization=entry.several_tenants and entry.organization is None,
            recover_url=url_for("login.recover", flow=dict(entry.place).get(HANDLE)),
            register_url=url_for("joining.register", flow=dict(entry.place).get(HANDLE))
            if entry.registers
            else None,
            error=error,
            notice=notice if entry.again else None,
        )
