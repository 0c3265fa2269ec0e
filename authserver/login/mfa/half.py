"""Between the first proof and the session: whose turn it is, what is next, how it ends.

From here on it is known who it is: the pages speak the person's own language, unless the client
asks for another.

The same for every entry, be it for a client or for a page of our own. Until `enter` there is no
session. It runs in the job that proved the last thing missing, so that a used code and the session
it was used for are one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from authserver.accounts.attempts.values import Admitted
from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, ActorKind
from authserver.core import web
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.login.account.arrive import Arrival, Entered
from authserver.login.entry import Entries, Entry
from authserver.login.step import pending_of, speak_as
from authserver.login.views import AccountView, account_view
from authserver.mfa.claims import Checked, Claimed
from authserver.mfa.partial import Partial
from authserver.mfa.passkeys.signing_in import PasskeySignIn
from authserver.mfa.service import SecondFactors
from authserver.oauth.authorize import pending
from authserver.oauth.authorize.endpoint import PAGES, bind
from authserver.oauth.authorize.next_step import Halfway, second_half
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.models import PASSWORD, SECOND_FACTOR
from authserver.sessions.service import SessionStart
from authserver.tenants.names import TenantNames


@dataclass(frozen=True)
class Turn:
    """A request of somebody whose first proof was right."""

    entry: Entry
    claimed: Claimed
    partial: Partial
    by: Actor


@dataclass(frozen=True)
class Tools:
    """What the pages work with."""

    database: Database
    factors: SecondFactors
    passkeys: PasskeySignIn
    arrival: Arrival
    clock: Clock
    names: TenantNames

    @property
    def passkeys_here(self) -> bool:
        """Tell whether passkeys can be used at the issuer of this page."""
        return self.passkeys.usable and bool(request.environ[web.ISSUER].has_passkeys)


class SecondHalf:
    """Begins the second half of a sign-in, loads the turn of a page, and ends it."""

    def __init__(self, entries: Entries, tools: Tools, cookies: CookiePolicy) -> None:
        """Take what knows why somebody is here, and the tools."""
        self.entries = entries
        self.tools = tools
        self._cookies = cookies

    def begin(
        self, transaction: Transaction, entry: Entry, admitted: Admitted, *, meant: str | None
    ) -> Claimed:
        """Remember that the password was right. It is no session, and gives no rights (TOP-07).

        `meant` is the account that the form named, which may be a guest's.
        """
        waiting = entry.situation.pending if entry.situation else None
        if waiting:
            pending.fix(transaction, waiting, meant)
        return self.tools.factors.begin(
            transaction, admitted.account, entry.hop, factor_due=admitted.factor_due
        )

    def begun(self, entry: Entry, claimed: Claimed) -> Response:
        """Give the browser the name of a sign-in that was begun, and go to what is next."""
        session.pop("csrf_token", None)
        bind(entry.browser)
        response, cookie = self._onward(entry, claimed), self._cookies.partial
        response.set_cookie(cookie.name, claimed.token, **cookie.attributes())
        return response

    def turn(self, entry: Entry) -> Turn | None:
        """Return whose turn it is, None where nothing was proved for this entry and browser."""
        claimed = entry.claimed
        partial = self._find(claimed) if claimed else None
        if claimed is None or partial is None:
            return None
        by = replace(entry.browser.actor, kind=ActorKind.USER, principal=partial.user.id)
        speak_as(partial.user)
        return Turn(entry, claimed, partial, by)

    def account(self, turn: Turn) -> AccountView:
        """Return the account as pages show it."""
        return account_view(turn.partial.user, self.tools.names)

    def enter(self, transaction: Transaction, turn: Turn, *, kept: bool) -> Entered | None:
        """Begin the session if nothing is missing any more. Raises Refused."""
        proven = self.tools.factors.complete(transaction, turn.claimed, kept=kept, by=turn.by)
        if proven is None:
            return None
        start = SessionStart(
            issuer=turn.entry.issuer.url,
            user=proven.user,
            level=SECOND_FACTOR if proven.proven_at else PASSWORD,
            amr=proven.amr,
            actor=turn.by,
            device=turn.entry.device,
            browser_token=turn.entry.browser.session_token,
            auth_time=proven.proven_at or proven.begun_at,
            identity_id=proven.first.identity_id,
        )
        waiting = turn.entry.situation.pending if turn.entry.situation else None
        meant = waiting.choice.account_id if waiting else None
        entered = self.tools.arrival.enter(transaction, turn.entry, start, meant=meant)
        trust = self._trusted(transaction, turn, proven)
        return replace(entered, trust_token=trust)

    def _trusted(self, transaction: Transaction, turn: Turn, proven: Partial) -> str | None:
        """Trust the browser if its owner said so and the tenant allows it."""
        if not proven.trusts:
            return None
        return self.tools.factors.trust.give(
            transaction,
            proven.user,
            token=turn.entry.browser.trust_token,
            device=turn.entry.device,
            by=turn.by,
        )

    def attempt(
        self, turn: Turn, check: Callable[[Transaction], Checked], *, wrong: Callable[[], Response]
    ) -> Response:
        """Check what was sent; a right proof and the session it leads to are one job.

        `wrong` makes the page that says so. Where there is nothing to check any more, what is next
        comes next.
        """

        def job(transaction: Transaction) -> tuple[Checked, Entered | None]:
            checked = check(transaction)
            entered = self.enter(transaction, turn, kept=False) if checked.right else None
            return checked, entered

        checked, entered = self.tools.database.write(job)
        if checked.partial is not None and not checked.right:
            return wrong()
        return self.back(turn.entry, entered)

    def back(self, entry: Entry, entered: Entered | None = None) -> Response:
        """Go to what is next, with the new cookies if somebody has just signed in."""
        if entered is None:
            return self._onward(entry, entry.claimed)
        response, cookies = make_response(redirect(entry.back, code=303)), self._cookies
        # The next form gets a new CSRF token: the old one was known before the sign-in.
        session.pop("csrf_token", None)
        self.tools.arrival.show(entry, entered)
        for cookie, value in (
            (cookies.session, entered.session_token),
            (cookies.device, entered.device_token),
            (cookies.trust, entered.trust_token),
        ):
            if value is not None:
                response.set_cookie(cookie.name, value, **cookie.attributes())
        gone = cookies.partial
        if gone.name in request.cookies:
            response.delete_cookie(gone.name, secure=gone.secure, httponly=True, samesite="Lax")
        return response

    def _onward(self, entry: Entry, claimed: Claimed | None) -> Response:
        """Go to what is next: /oauth/authorize decides it for a client, the same function here."""
        target = entry.back
        partial = self._find(claimed) if claimed and entry.client is None else None
        if partial is not None:
            place: dict[str, Any] = dict(entry.place)
            target = url_for(PAGES[second_half(Halfway.of(partial))], **place)
        return make_response(redirect(target, code=303))

    def _find(self, claimed: Claimed) -> Partial | None:
        with self.tools.database.read() as view:
            return self.tools.factors.find(view, claimed)


def fixed(transaction: Transaction, entry: Entry, guest: UserSnapshot | None) -> Entry:
    """Note which account a client's sign-in is for, as after a password, and return its entry.

    Without a guest, or an account that was chosen, it is for whoever it is: no earlier wish holds.
    """
    situation = entry.situation
    if situation is None:
        return entry
    waiting, account = pending_of(situation), entry.chosen.user if entry.chosen else guest
    meant = account.id if account else None
    pending.fix(transaction, waiting, meant)
    choice = replace(waiting.choice, account_id=meant)
    return replace(entry, situation=replace(situation, pending=replace(waiting, choice=choice)))
