"""/login/password: email address and password on one page, and every other way to sign in.

Where an address may lead to a provider, the address is asked for alone at first; and who types one
that does is sent there, whether or not an account has it, the password unread.
"""

from dataclasses import replace
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.accounts.attempts.values import Admitted, SignInRefused, SignInRequest
from authserver.accounts.signin import SignIn
from authserver.audit.events import ActorKind
from authserver.core.database.engine import Transaction
from authserver.federation.connectors.base import UpstreamDown
from authserver.login.account.arrive import Entered
from authserver.login.entry import Entry
from authserver.login.federation import notes
from authserver.login.federation.departure import Departure
from authserver.login.federation.notes import Note
from authserver.login.federation.ways import Ways, was_sent
from authserver.login.mfa.half import SecondHalf
from authserver.login.views import account_view
from authserver.mfa.claims import Claimed
from authserver.mfa.policy import PASSWORD as PASSWORD_ALONE
from authserver.oauth.authorize.endpoint import bind
from authserver.sessions.models import PASSWORD
from authserver.sessions.service import SessionStart

STEP, ADDRESS = "step", "address"  # the field of the form that asks for the address alone


class PasswordPage:
    """Asks for email address and password: for a client, or for a page of our own."""

    def __init__(
        self, sign_in: SignIn, *, half: SecondHalf, ways: Ways, departure: Departure
    ) -> None:
        """Take what decides attempts, goes on where that is not enough, and leads to providers."""
        self._entries = half.entries
        self._sign_in = sign_in
        self._half = half
        self._ways = ways
        self._departure = departure

    def show(self) -> Response:
        """Show the form, or go where the client's request leads, once."""
        entry = self._entries.load()
        hinted = None if was_sent(entry) else self._ways.hinted(entry)
        if hinted is not None:
            return redirect(entry.url("federation.start", connection_id=hinted.id), code=303)
        bind(entry.browser)  # the page's script may ask for passkeys at once
        alone = self._ways.asks_address_first(entry)
        return self._page(entry, email=entry.email, alone=alone, note=notes.take())

    def submit(self) -> Response:
        """Try to sign in; on success go to what is next."""
        entry = self._entries.load()
        chosen = entry.chosen.id if entry.chosen else ""
        # Who chose an account is nobody else.
        email = entry.email if chosen else request.form.get("email", "").strip()
        if request.form.get("chosen", "") != chosen:
            # Chosen, or signed out, in another tab: this password was typed for another account.
            return self._page(entry, email=email)
        elsewhere, note = self._elsewhere(entry, email)
        if elsewhere is not None:
            return elsewhere
        if request.form.get(STEP) == ADDRESS:
            return self._page(entry, email=email, note=note)
        typed = _typed_organization(entry)
        try:
            entered = self._sign_in.attempt(
                _attempt(entry, email, typed),
                lambda *admitted: self._enter(entry, *admitted, named=bool(typed)),
            )
        except SignInRefused as refused:
            return self._page(
                entry,
                email=email,
                error=_("The email address or the password is wrong."),
                status=refused.status,
            )
        if isinstance(entered, Claimed):
            return self._half.begun(entry, entered)
        return self._half.back(entry, entered)

    def _enter(
        self, entry: Entry, transaction: Transaction, admitted: Admitted, *, named: bool
    ) -> Claimed | Entered:
        """Begin the session, or what comes before it: part of the job of the sign-in.

        `named` says that an organisation was typed: the request itself is not at hand here.
        """
        user, tools = admitted.user, self._half.tools
        meant, shown = _meant(entry, admitted, named=named), _trust_token(entry)
        if admitted.is_half:
            return self._half.begin(transaction, entry, admitted, meant=meant)
        by = replace(entry.browser.actor, kind=ActorKind.USER, principal=user.id)
        start = SessionStart(
            issuer=entry.issuer.url,
            user=user,
            level=PASSWORD,
            amr=PASSWORD_ALONE,
            actor=by,
            device=entry.device,
            browser_token=entry.browser.session_token,
        )
        trust = tools.factors.trust
        trust_id = trust.needed(transaction, user, shown) if shown else None
        entered = tools.arrival.enter(transaction, entry, start, meant=meant)
        if shown is None or trust_id is None:
            return entered
        fresh = trust.use(transaction, user, shown, trust_id=trust_id, by=by)
        return replace(entered, trust_token=fresh)

    def _elsewhere(self, entry: Entry, email: str) -> tuple[Response | None, Note | None]:
        """Send who has an address of a provider there; while it is down, a password will do."""
        routed = self._ways.routed(entry, email)
        if routed is None:
            return None, None
        try:
            return self._departure.leave(entry, routed, login_hint=email), None
        except UpstreamDown as down:
            reason = notes.reason_of(down)
            notes.record(reason, routed.id, detail=str(down))
            return None, notes.note_of(reason, routed)

    def _page(
        self,
        entry: Entry,
        *,
        email: str,
        alone: bool = False,
        note: Note | None = None,
        error: str | None = None,
        status: int = 200,
    ) -> Response:
        names = self._half.tools.names
        place: dict[str, Any] = dict(entry.place)
        notice = _("Please sign in once more, so that we can be sure that it is you.")
        return entry.page(
            "login/password.html",
            status=status,
            email=email,
            alone=alone,
            ways=self._ways.shown(entry),
            note=note,
            organization=request.form.get("organization", ""),
            show_organization=_may_type_organization(entry) and not alone,
            chosen=account_view(entry.chosen.user, names) if entry.chosen else None,
            chosen_id=entry.chosen.id if entry.chosen else None,
            choose_url=url_for("login.account", **place) if entry.chosen else None,
            recover_url=url_for("login.recover", **place),
            passkey_url=url_for("login.passkey") if self._half.tools.passkeys_here else None,
            register_url=url_for("joining.register", **place) if entry.registers else None,
            error=error,
            notice=notice if entry.again else None,
        )


def _attempt(entry: Entry, email: str, typed: str) -> SignInRequest:
    return SignInRequest(
        audience=entry.audience,
        email=email,
        password=request.form.get("password", ""),
        actor=entry.browser.actor,
        organization=(entry.organization or typed).lower() or None,
        device_token=entry.browser.device_token,
        second_factor=entry.second_factor,
        trust_token=_trust_token(entry),
    )


def _trust_token(entry: Entry) -> str | None:
    return entry.browser.trust_token if entry.may_trust else None


def _meant(entry: Entry, admitted: Admitted, *, named: bool) -> str | None:
    """Return the account that the form named, by an address or an organisation of its own."""
    if entry.chosen:
        return entry.chosen.id
    if admitted.guest:
        return admitted.guest.id
    return admitted.user.id if named else None


def _may_type_organization(entry: Entry) -> bool:
    return entry.several_tenants and entry.organization is None


def _typed_organization(entry: Entry) -> str:
    typed = request.form.get("organization", "") if _may_type_organization(entry) else ""
    return typed.strip()
