"""/login/account: the accounts of this browser that the client serves, for the person to choose."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import redirect, request, url_for
from flask_babel import format_timedelta
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.login.step import Steps, back, handle_of, pending_of
from authserver.login.views import AccountView, account_view
from authserver.oauth.authorize import pending
from authserver.oauth.authorize.accounts.choice import ANOTHER, Account
from authserver.oauth.authorize.flow import Situation
from authserver.sessions.service import SessionService
from authserver.tenants.names import TenantNames

GONE = 409
_JUST_NOW = timedelta(minutes=1)


@dataclass(frozen=True)
class Line:
    """An account to choose. `session_id` is that of the session that can be ended here.

    `ago` says since when the person is signed in, and nothing if that was just now.
    """

    id: str
    account: AccountView
    guest: bool
    ago: str
    exact: str
    session_id: str | None


@dataclass(frozen=True)
class Tools:
    """What the page works with."""

    database: Database
    sessions: SessionService
    trail: Trail
    clock: Clock
    names: TenantNames


class ChooserPage:
    """Lists the accounts; remembers which was chosen; signs out of one."""

    def __init__(self, steps: Steps, tools: Tools) -> None:
        """Take what knows the flow."""
        self._steps = steps
        self._tools = tools

    def show(self) -> Response:
        """Show the accounts. Where there is none, there is nothing to choose."""
        situation = self._steps.load()
        accounts = self._steps.flow.accounts(situation)
        return self._page(situation, accounts) if accounts else back(situation)

    def submit(self) -> Response:
        """Do what the button says, only ever with an account of this very browser."""
        situation = self._steps.load()
        accounts = self._steps.flow.accounts(situation)
        if request.form.get("another"):
            self._write(lambda tx: pending.choose(tx, pending_of(situation), ANOTHER))
            return self._leave(situation)
        leaving = request.form.get("sign_out")
        if leaving:
            return self._sign_out(situation, accounts, leaving)
        wanted = request.form.get("account")
        chosen = next((account for account in accounts if account.id == wanted), None)
        if chosen is None:
            return self._page(situation, accounts, status=GONE) if accounts else back(situation)
        self._write(lambda tx: self._choose(tx, situation, chosen))
        return self._leave(situation)

    def _choose(self, transaction: Transaction, situation: Situation, chosen: Account) -> None:
        pending.choose(transaction, pending_of(situation), chosen.id)
        event = Event(
            EventType.ACCOUNT_CHOSEN,
            chosen.user.tenant_id,
            replace(situation.browser.actor, kind=ActorKind.USER, principal=chosen.id),
            subject=chosen.id,
            resource=f"client:{situation.client.id}",
        )
        self._tools.trail.record(transaction, event)

    def _sign_out(self, situation: Situation, accounts: list[Account], session_id: str) -> Response:
        """End one session, and come back here to choose among the others."""
        leaving = next(
            (one for one in accounts if one.session and one.session.id == session_id), None
        )
        if leaving is None:
            return self._page(situation, accounts, status=GONE) if accounts else back(situation)
        actor = replace(situation.browser.actor, kind=ActorKind.USER, principal=leaving.id)
        self._write(
            lambda tx: self._tools.sessions.end(
                tx, leaving.user.tenant_id, session_id=session_id, actor=actor
            )
        )
        return redirect(url_for("login.account", flow=handle_of(situation)), code=303)

    def _leave(self, situation: Situation) -> Response:
        """Go on. A sign-in of which only the password is done is not what was chosen."""
        response, partial = back(situation), self._steps.cookies.partial
        if partial.name in request.cookies:
            response.delete_cookie(
                partial.name, secure=partial.secure, httponly=True, samesite="Lax"
            )
        return response

    def _page(
        self, situation: Situation, accounts: list[Account], *, status: int = 200
    ) -> Response:
        gone = _("This account is not signed in here any more. Choose another one.")
        lines = [self._line(account) for account in accounts]
        return self._steps.render(
            situation,
            "login/account.html",
            status=status,
            lines=lines,
            error=gone if status == GONE else None,
        )

    def _line(self, account: Account) -> Line:
        return Line(
            id=account.id,
            account=account_view(account.user, self._tools.names),
            guest=account.user.home_user_id is not None,
            ago=_ago(account.auth_time, self._tools.clock.now()),
            exact=account.auth_time.isoformat(timespec="seconds"),
            session_id=account.session.id if account.session else None,
        )

    def _write(self, job: Callable[[Transaction], object]) -> None:
        self._tools.database.write(job)


def _ago(when: datetime, now: datetime) -> str:
    """Return e.g. `5 minutes ago`, or nothing: no zone is known before an account is chosen."""
    if now - when < _JUST_NOW:
        return ""
    return str(format_timedelta(when - now, add_direction=True, threshold=1))
