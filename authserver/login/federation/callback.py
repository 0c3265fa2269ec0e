"""/login/federation/<connection id>/callback: a browser is back from a provider.

The state is used up first, whatever comes of the rest, and only by the browser that was sent, at
the connection that it was sent to (ATK-012, ATK-021). Then the provider is asked, outside of any
job; then one job decides, and begins what comes of it.
"""

from dataclasses import dataclass, replace

from flask import redirect, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind
from authserver.core.database.engine import Transaction
from authserver.federation.connectors.base import Answer
from authserver.federation.entering import Attempt, FederatedSignIn
from authserver.federation.journeys import Journeys
from authserver.federation.policy import Decision
from authserver.federation.states import Returned
from authserver.federation.values import Connection
from authserver.login.account.arrive import Entered
from authserver.login.entry import Entry, note_offer
from authserver.login.federation import notes
from authserver.login.federation.answers import Fruitless, answer_of
from authserver.login.federation.connect import Connecting
from authserver.login.federation.notes import Reason
from authserver.login.federation.ways import Ways
from authserver.login.mfa.half import SecondHalf, Turn, fixed
from authserver.mfa.claims import Claimed
from authserver.oauth.authorize.endpoint import current_browser
from authserver.oauth.authorize.pending import FlowClosed
from authserver.sessions.cookies import CookiePolicy


@dataclass(frozen=True)
class _Outcome:
    """What the job decided, what it began, and the session if nothing is missing any more."""

    decision: Decision
    claimed: Claimed | None = None
    entered: Entered | None = None


class CallbackPage:
    """Takes what a browser brings from a provider."""

    def __init__(
        self,
        half: SecondHalf,
        journeys: Journeys,
        sign_in: FederatedSignIn,
        *,
        ways: Ways,
        connecting: Connecting,
        cookies: CookiePolicy,
    ) -> None:
        """Take what ends sign-ins, what asks providers, and what decides about their answers."""
        self._half = half
        self._journeys = journeys
        self._sign_in = sign_in
        self._ways = ways
        self._connecting = connecting
        self._cookies = cookies

    def show(self, connection_id: str) -> Response:
        """Go on with what the browser was sent for. Raises FlowClosed where it was for nothing."""
        if request.method == "HEAD":  # Flask takes it for a GET, which uses the state up
            raise MethodNotAllowed(["GET"])
        browser, state = current_browser(self._cookies), request.args.get("state", "")
        returned = self._journeys.claim(state, connection_id, browser=browser.flow_token)
        connection = self._journeys.find(connection_id)
        if returned is None or connection is None:
            raise FlowClosed(detail="no such state for this browser and connection")
        if returned.errand.person is not None:
            return self._connecting.connect(
                connection, returned, returned.errand.person, browser=browser
            )
        entry = self._half.entries.of(dict(returned.errand.place))
        if entry.hop.pending_id != returned.errand.hop:
            raise FlowClosed(detail="sent away from another sign-in")
        return self._sign_in_at(entry, connection, returned)

    def _sign_in_at(self, entry: Entry, connection: Connection, returned: Returned) -> Response:
        try:
            closed = not self._ways.open_to(entry, connection)
            answer = answer_of(
                self._journeys, connection, returned, issuer=entry.issuer, closed=closed
            )
        except Fruitless as fruitless:
            return _stay(entry, connection, fruitless)
        outcome = self._half.tools.database.write(
            lambda transaction: self._enter(transaction, entry, connection, answer=answer)
        )
        return self._go_on(entry, connection, outcome)

    def _enter(
        self, transaction: Transaction, entry: Entry, connection: Connection, *, answer: Answer
    ) -> _Outcome:
        """Decide, and begin what comes of it: one job."""
        attempt = Attempt(
            connection=connection,
            answer=answer,
            audience=entry.audience,
            organization=entry.organization,
            hop=entry.hop,
            registers=entry.registers_in,
            second_factor=entry.second_factor,
            by=entry.browser.actor,
        )
        found = self._sign_in.enter(transaction, attempt)
        if found.claimed is None:
            return _Outcome(found.decision)
        transaction.flush()
        partial = self._half.tools.factors.find(transaction, found.claimed)
        if partial is None:
            raise LookupError("a partial sign-in of this very transaction")
        by = replace(entry.browser.actor, kind=ActorKind.USER, principal=partial.user.id)
        turn = Turn(fixed(transaction, entry, found.guest), found.claimed, partial, by)
        entered = self._half.enter(transaction, turn, kept=False)
        return _Outcome(found.decision, found.claimed, entered)

    def _go_on(self, entry: Entry, connection: Connection, outcome: _Outcome) -> Response:
        if outcome.entered is not None:
            return self._half.back(entry, outcome.entered)
        if outcome.claimed is not None:
            return self._half.begun(entry, outcome.claimed)
        if outcome.decision is Decision.ASK:
            note_offer()
            return redirect(entry.url("federation.link"), code=303)
        return _stay(entry, connection, Fruitless(Reason.REFUSED, outcome.decision.value))


def _stay(entry: Entry, connection: Connection, fruitless: Fruitless) -> Response:
    """Return to the sign-in page, where every other way is, and let it say why."""
    notes.record(fruitless.reason, connection.id, detail=fruitless.detail)
    notes.leave(fruitless.reason, connection)
    return redirect(entry.url("login.password"), code=303)
