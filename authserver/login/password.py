"""/login/password: email address and password on one page."""

from dataclasses import replace

from flask import make_response, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.accounts.signin import SignedIn, SignIn, SignInRefused, SignInRequest
from authserver.core.database.engine import Database
from authserver.login.entry import Entries, Entry
from authserver.login.step import show
from authserver.oauth.authorize.endpoint import HANDLE
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.service import SessionService, SessionStart

LEVEL = 1
METHODS = ("pwd",)  # RFC 8176


class PasswordPage:
    """Asks for email address and password: for a client, or for a page of our own."""

    def __init__(
        self,
        entries: Entries,
        sign_in: SignIn,
        *,
        sessions: SessionService,
        database: Database,
        cookies: CookiePolicy,
    ) -> None:
        """Take what decides attempts and starts sessions."""
        self._entries = entries
        self._sign_in = sign_in
        self._sessions = sessions
        self._database = database
        self._cookies = cookies

    def show(self) -> Response:
        """Show the form."""
        entry = self._entries.load()
        return self._page(entry, email=entry.email)

    def submit(self) -> Response:
        """Try to sign in; on success return to where the next step is decided."""
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
        return self._signed_in(entry, signed_in)

    def _attempt(self, entry: Entry, email: str) -> SignInRequest:
        organization = entry.organization or request.form.get("organization", "")
        return SignInRequest(
            audience=entry.audience,
            email=email,
            password=request.form.get("password", ""),
            actor=entry.browser.actor,
            organization=organization.strip().lower() or None,
            device_token=request.cookies.get(self._cookies.device.name),
        )

    def _signed_in(self, entry: Entry, signed_in: SignedIn) -> Response:
        start = SessionStart(
            issuer=entry.issuer.url,
            user=signed_in.user,
            level=LEVEL,
            amr=METHODS,
            actor=replace(entry.browser.actor, kind="user", principal=signed_in.user.id),
            browser_token=entry.browser.session_token,
        )
        _session, token = self._database.write(
            lambda transaction: self._sessions.start(transaction, start)
        )
        # The next form gets a new CSRF token: the old one was known before the sign-in.
        session.pop("csrf_token", None)
        response = make_response(redirect(entry.back, code=303))
        cookies = self._cookies
        response.set_cookie(cookies.session.name, token, **cookies.session.attributes())
        response.set_cookie(
            cookies.device.name, signed_in.device_token, **cookies.device.attributes()
        )
        return response

    def _page(
        self, entry: Entry, *, email: str, error: str | None = None, status: int = 200
    ) -> Response:
        notice = _("This needs your password once more, to be sure that it is you.")
        return show(
            "login/password.html",
            status=status,
            form_action=entry.form_action,
            place=entry.place,
            client=entry.client,
            email=email,
            organization=request.form.get("organization", ""),
            show_organization=entry.several_tenants and entry.organization is None,
            recover_url=url_for("login.recover", flow=dict(entry.place).get(HANDLE)),
            error=error,
            notice=notice if entry.again else None,
        )
