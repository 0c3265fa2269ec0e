"""/login/password: email address and password on one page."""

from dataclasses import replace

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.signin import SignIn, SignInRefused, SignInRequest
from authserver.core.database.engine import Database, Transaction
from authserver.login.entry import Entries, Entry
from authserver.login.mfa.half import Entered, SecondHalf
from authserver.oauth.authorize.endpoint import HANDLE, bind
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
        bind(entry.browser)  # the page's script may ask for passkeys at once
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
            trust_token=self._trust_token(entry),
        )

    def _trust_token(self, entry: Entry) -> str | None:
        return request.cookies.get(self._cookies.trust.name) if entry.may_trust else None

    def _signed_in(self, entry: Entry, user: UserSnapshot, device_token: str) -> Response:
        by = replace(entry.browser.actor, kind="user", principal=user.id)
        start = SessionStart(
            issuer=entry.issuer.url,
            user=user,
            level=LEVEL,
            amr=METHODS,
            actor=by,
            browser_token=entry.browser.session_token,
        )
        shown, trust = self._trust_token(entry), self._half.tools.factors.trust

        def job(transaction: Transaction) -> Entered:
            renewed = trust.use(transaction, user, shown, by=by) if shown else None
            _session, token = self._sessions.start(transaction, start)
            return Entered(token, device_token, renewed)

        return self._half.back(entry, self._database.write(job))

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
            passkey_url=url_for("login.passkey") if self._half.tools.passkeys.usable else None,
            error=error,
            notice=notice if entry.again else None,
        )
