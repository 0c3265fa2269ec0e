"""/login/password: email address and password on one page."""

from dataclasses import replace
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.signin import SignedIn, SignIn, SignInRefused, SignInRequest
from authserver.core.database.engine import Transaction
from authserver.login.entry import Entries, Entry
from authserver.login.mfa.half import PASSWORD_ALONE, Entered, SecondHalf
from authserver.login.views import account_view
from authserver.oauth.authorize.endpoint import bind
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.models import PASSWORD
from authserver.sessions.service import SessionStart


class PasswordPage:
    """Asks for email address and password: for a client, or for a page of our own."""

    def __init__(
        self,
        entries: Entries,
        sign_in: SignIn,
        *,
        half: SecondHalf,
        cookies: CookiePolicy,
    ) -> None:
        """Take what decides attempts, and goes on where that is not enough."""
        self._entries = entries
        self._sign_in = sign_in
        self._half = half
        self._cookies = cookies

    def show(self) -> Response:
        """Show the form."""
        entry = self._entries.load()
        bind(entry.browser)  # the page's script may ask for passkeys at once
        return self._page(entry, email=entry.email)

    def submit(self) -> Response:
        """Try to sign in; on success go to what is next."""
        entry = self._entries.load()
        chosen = entry.chosen.id if entry.chosen else ""
        # Who chose an account is nobody else.
        email = entry.email if chosen else request.form.get("email", "").strip()
        if request.form.get("chosen", "") != chosen:
            # Chosen, or signed out, in another tab: this password was typed for another account.
            return self._page(entry, email=email)
        try:
            signed_in = self._sign_in.attempt(self._attempt(entry, email))
        except SignInRefused as refused:
            return self._page(
                entry,
                email=email,
                error=_("The email address or the password is wrong."),
                status=refused.status,
            )
        meant = self._meant(entry, signed_in)
        if signed_in.device_token is None:
            return self._half.begin(entry, signed_in, meant)
        return self._signed_in(entry, signed_in.user, signed_in.device_token, meant=meant)

    def _meant(self, entry: Entry, signed_in: SignedIn) -> str | None:
        """Return the account that the form named, by an address or an organisation of its own."""
        if entry.chosen:
            return entry.chosen.id
        if signed_in.guest:
            return signed_in.guest.id
        return signed_in.user.id if _typed_organization(entry) else None

    def _attempt(self, entry: Entry, email: str) -> SignInRequest:
        organization = entry.organization or _typed_organization(entry)
        return SignInRequest(
            audience=entry.audience,
            email=email,
            password=request.form.get("password", ""),
            actor=entry.browser.actor,
            organization=organization.lower() or None,
            device_token=request.cookies.get(self._cookies.device.name),
            second_factor=entry.second_factor,
            trust_token=self._trust_token(entry),
        )

    def _trust_token(self, entry: Entry) -> str | None:
        return request.cookies.get(self._cookies.trust.name) if entry.may_trust else None

    def _signed_in(
        self, entry: Entry, user: UserSnapshot, device_token: str, *, meant: str | None
    ) -> Response:
        by = replace(entry.browser.actor, kind="user", principal=user.id)
        start = SessionStart(
            issuer=entry.issuer.url,
            user=user,
            level=PASSWORD,
            amr=PASSWORD_ALONE,
            actor=by,
            browser_token=entry.browser.session_token,
        )
        shown, tools = self._trust_token(entry), self._half.tools

        def job(transaction: Transaction) -> Entered:
            trust = tools.factors.trust
            renewed = trust.use(transaction, user, shown, by=by) if shown else None
            live, token = tools.arrival.start(transaction, entry, start, meant=meant)
            return Entered(token, device_token, live, renewed)

        return self._half.back(entry, tools.database.write(job))

    def _page(
        self, entry: Entry, *, email: str, error: str | None = None, status: int = 200
    ) -> Response:
        names = self._half.tools.names
        place: dict[str, Any] = dict(entry.place)
        notice = _("This needs your password once more, to be sure that it is you.")
        return entry.page(
            "login/password.html",
            status=status,
            email=email,
            organization=request.form.get("organization", ""),
            show_organization=_may_type_organization(entry),
            chosen=account_view(entry.chosen.user, names) if entry.chosen else None,
            chosen_id=entry.chosen.id if entry.chosen else None,
            choose_url=url_for("login.account", **place) if entry.chosen else None,
            recover_url=url_for("login.recover", **place),
            passkey_url=url_for("login.passkey") if self._half.tools.passkeys.usable else None,
            register_url=url_for("joining.register", **place) if entry.registers else None,
            error=error,
            notice=notice if entry.again else None,
        )


def _may_type_organization(entry: Entry) -> bool:
    return entry.several_tenants and entry.organization is None


def _typed_organization(entry: Entry) -> str:
    typed = request.form.get("organization", "") if _may_type_organization(entry) else ""
    return typed.strip()
