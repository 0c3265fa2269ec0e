"""What the pages of the second factor have in common: whose turn it is, and the session at its end.

Until `enter` there is none. It runs in the job that proved the last thing missing, so that a used
code and the session it was used for are one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import make_response, session
from werkzeug.wrappers import Response

from authserver.accounts import devices
from authserver.audit.events import Actor
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.login.step import Steps, back
from authserver.login.views import AccountView
from authserver.mfa.partial import Partial
from authserver.mfa.service import Claimed, SecondFactors
from authserver.oauth.authorize.flow import Situation
from authserver.sessions.models import SECOND_FACTOR
from authserver.sessions.service import SessionService, SessionStart
from authserver.tenants.names import TenantNames

METHODS = ("pwd", "otp", "mfa")  # RFC 8176; a backup code is a one-time password, too


@dataclass(frozen=True)
class Entered:
    """The new tokens of a browser in which somebody has just signed in."""

    session_token: str
    device_token: str


@dataclass(frozen=True)
class Turn:
    """A request of somebody whose password was right."""

    situation: Situation
    claimed: Claimed
    partial: Partial
    by: Actor


@dataclass(frozen=True)
class Tools:
    """What the pages work with; `wake` is called when there may be a mail to send."""

    database: Database
    factors: SecondFactors
    sessions: SessionService
    clock: Clock
    names: TenantNames
    wake: Callable[[], None]


class SecondHalf:
    """Loads the turn of a page, and ends it."""

    def __init__(self, steps: Steps, tools: Tools) -> None:
        """Take what knows the flows, and the tools."""
        self.steps = steps
        self.tools = tools

    def turn(self, situation: Situation) -> Turn | None:
        """Return whose turn it is, None where no password was right in this flow and browser."""
        claimed = situation.claimed
        if claimed is None:
            return None
        with self.tools.database.read() as view:
            partial = self.tools.factors.find(view, claimed)
        if partial is None:
            return None
        by = replace(situation.browser.actor, kind="user", principal=partial.user.id)
        return Turn(situation, claimed, partial, by)

    def account(self, turn: Turn) -> AccountView:
        """Return the account as pages show it."""
        user = turn.partial.user
        return AccountView(user.name, user.email, self.tools.names.of(user.tenant_id))

    def enter(self, transaction: Transaction, turn: Turn, *, kept: bool) -> Entered | None:
        """Begin the session if nothing is missing any more. Raises Refused."""
        proven = self.tools.factors.complete(transaction, turn.claimed, kept=kept, by=turn.by)
        if proven is None:
            return None
        user, browser = proven.user, turn.situation.browser
        start = SessionStart(
            issuer=turn.situation.issuer.url,
            user=user,
            level=SECOND_FACTOR,
            amr=METHODS,
            actor=turn.by,
            browser_token=browser.session_token,
            auth_time=proven.proven_at,
        )
        _session, token = self.tools.sessions.start(transaction, start)
        device = devices.remember(
            transaction,
            user.tenant_id,
            user_id=user.id,
            token=self.steps.device_token(),
            now=self.tools.clock.now(),
        )
        return Entered(token, device)

    def back(self, turn: Turn, entered: Entered | None) -> Response:
        """Return to where the next step is decided, with the new cookies if there are any."""
        response, cookies = make_response(back(turn.situation)), self.steps.cookies
        if entered is None:
            return response
        # The next form gets a new CSRF token: the old one was known before the sign-in.
        session.pop("csrf_token", None)
        for cookie, value in (
            (cookies.session, entered.session_token),
            (cookies.device, entered.device_token),
        ):
            response.set_cookie(cookie.name, value, **cookie.attributes())
        gone = cookies.partial
        response.delete_cookie(gone.name, secure=gone.secure, httponly=True, samesite="Lax")
        return response
