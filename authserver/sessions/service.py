"""Sessions: the accounts signed in in one browser.

The cookie is a random name of the browser; what is signed in there are rows under its hash. Each
sign-in gives the browser a new name and moves its rows along, so that a name that somebody planted
or copied before is worth nothing (fixation). A named platform service: one browser's rows may be of
several tenants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id, new_secret
from authserver.core.net.browsers import Device
from authserver.core.problems import Refused
from authserver.sessions import rows, statements
from authserver.sessions.live import LiveSession, found, of_row
from authserver.sessions.models import UserSession
from authserver.sessions.traces import Traces
from authserver.tenants.policy import SessionLives

__all__ = ["HomeSignIn", "LiveSession", "SessionService", "SessionStart"]

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class HomeSignIn:
    """The sign-in by which a guest account is opened.

    `epoch` is what it depends on at home, `session_id` the home account's session in this browser:
    None where there is none, because the issuer is not for that account.
    """

    epoch: int
    session_id: str | None = None


@dataclass(frozen=True)
class SessionStart:
    """A sign-in that becomes a session. `level`: 1 the first proof alone, 2 a second factor.

    `browser_token` is what the browser presented, `actor` who signed in and from where, `auth_time`
    when, if it was not just now. `device` was put into words before: that may take milliseconds,
    which no transaction has. `home` is set for a guest account, `identity_id` where the sign-in
    came from a provider.
    """

    issuer: str
    user: UserSnapshot
    level: int
    amr: tuple[str, ...]
    actor: Actor
    device: Device
    browser_token: str | None = None
    auth_time: datetime | None = None
    home: HomeSignIn | None = None
    identity_id: str | None = None


class SessionService:
    """Starts, finds and ends sessions."""

    def __init__(
        self,
        database: Database,
        *,
        lifetimes: SessionLives,
        trail: Trail,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._lifetimes = lifetimes
        self._trail = trail
        self._traces = Traces(keyring)
        self._clock = clock

    def start(self, transaction: Transaction, start: SessionStart) -> tuple[LiveSession, str]:
        """Start a session and return it with the browser's new token, for the cookie.

        Other accounts of the browser stay signed in. A live session of this one is renewed and
        keeps its id: tokens of other clients belong to it. Raises Refused when the account or its
        tenant was closed since the sign-in. Opening a guest account proves nothing anew: then the
        browser keeps its name.
        """
        kept = start.browser_token if start.home and start.home.session_id else None
        token, now = kept or new_secret(), self._clock.now()
        row = self._row(start, token, now)
        there = self._there(transaction, start, now)
        same = [old for old in there if (old.user_id, old.issuer) == (row.user_id, row.issuer)]
        renewed = self._renewed(transaction, start, row, same=same)
        if renewed is None and not transaction.change(statements.BEGIN_SESSION, rows.new(row)):
            raise Refused("Please sign in again.", detail="closed since the password was checked")
        # What was renewed has the new name. A guest of it may be opened at this very moment.
        more = len(there) > len(same) or any(old.has_guests for old in same)
        if start.browser_token and not kept and more:
            rows.move(transaction, start.browser_token, token)
        row.id = renewed or row.id
        facts = {
            "level": start.level,
            "amr": list(start.amr),
            "renewed": renewed is not None,
            **({"guest": True} if start.home else {}),
        }
        self._record(transaction, EventType.SESSION_STARTED, row, actor=start.actor, facts=facts)
        return of_row(vars(row), start.user), token

    def find(
        self, transaction: Transaction, browser_token: str | None, issuer: str
    ) -> list[LiveSession]:
        """Return the browser's live sessions at an issuer, the newest sign-in first.

        Live: not ended, neither idle nor over its life, nor closed by the person's or the tenant's
        state. Changes nothing: `seen` keeps them alive.
        """
        if not browser_token:
            return []
        now = self._clock.now()
        wanted = {
            "browser_hash": rows.name_hash(browser_token),
            "issuer": issuer,
            "now": now,
            "seen_after": now - self._lifetimes.idle,
        }
        return [found(row) for row in transaction.rows(statements.LIVE_OF_BROWSER, wanted)]

    def present(self, browser_token: str | None, issuer: str) -> list[LiveSession]:
        """Return what `find` finds, and note that the sessions were used.

        For each request of a person; writes at most once a minute.
        """
        with self._database.read() as view:
            sessions = self.find(view, browser_token, issuer)
        due = self._clock.now() - _SEEN_EVERY
        stale = [session for session in sessions if session.last_seen_at <= due]
        if stale:
            self._database.write(lambda transaction: self.seen(transaction, stale))
        return sessions

    def seen(self, transaction: Transaction, sessions: Sequence[LiveSession]) -> None:
        """Note that sessions were used now. One that ended or idled out stays so."""
        now = self._clock.now()
        for session in sessions:
            rows.seen(transaction, session, now=now, idle=self._lifetimes.idle)

    def end(
        self, transaction: Transaction, tenant_id: str, *, session_id: str, actor: Actor
    ) -> bool:
        """End a session of the tenant; return False if it was none or had ended already.

        Families of tokens that are not offline look at the session's row: they end with it.
        """
        wanted = select(UserSession).where(UserSession.id == session_id)
        row = transaction.tenant(tenant_id).scalar(wanted)
        return row is not None and self._end(transaction, row, actor=actor)

    def end_all_of_browser(
        self, transaction: Transaction, browser_token: str | None, *, actor: Actor
    ) -> int:
        """End everything that is signed in in a browser, at every issuer; return how many.

        Each ends in its tenant's trail as the act of its own person, from the actor's address.
        """
        unended = rows.of_browser(transaction, browser_token)
        return sum(self._end(transaction, row, actor=_person(actor, row)) for row in unended)

    def _there(
        self, transaction: Transaction, start: SessionStart, now: datetime
    ) -> list[rows.There]:
        return rows.there(
            transaction, start.browser_token, now=now, seen_after=now - self._lifetimes.idle
        )

    def _renewed(
        self,
        transaction: Transaction,
        start: SessionStart,
        new: UserSession,
        *,
        same: Sequence[rows.There],
    ) -> str | None:
        """Renew the account's session if it is signed in here, and return its id.

        What counts for nothing any more ends for good. `same` are its sessions in this browser.
        """
        renewed = None
        for old in same:
            if old.live and renewed is None and rows.renew(transaction, old.id, new):
                renewed = old.id
            else:
                self._end(transaction, old, actor=start.actor)
        return renewed

    def _end(self, transaction: Transaction, row: rows.Row, *, actor: Actor) -> bool:
        """End a session unless somebody else just did."""
        ended = (
            update(UserSession)
            .where(UserSession.id == row.id, UserSession.ended_at.is_(None))
            .values(ended_at=self._clock.now())
            .returning(UserSession.id)
            .execution_options(synchronize_session=False)
        )
        if transaction.tenant(row.tenant_id).execute(ended).first() is None:
            return False
        self._record(transaction, EventType.SESSION_ENDED, row, actor=actor)
        for guest in rows.opened_from(transaction, row):
            self._end(transaction, guest, actor=_person(actor, guest))
        return True

    def _row(self, start: SessionStart, token: str, now: datetime) -> UserSession:
        row = UserSession(
            id=new_id("ses"),
            tenant_id=start.user.tenant_id,
            user_id=start.user.id,
            browser_hash=rows.name_hash(token),
            issuer=start.issuer,
            level=start.level,
            amr=list(start.amr),
            auth_time=start.auth_time or now,
            user_epoch=start.user.security_epoch,
            home_epoch=start.home.epoch if start.home else None,
            home_session_id=start.home.session_id if start.home else None,
            identity_id=start.identity_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + self._lifetimes.absolute,
        )
        self._traces.leave(row, start.actor, start.device)
        return row

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        row: rows.Row,
        *,
        actor: Actor,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        record = Event(
            event,
            row.tenant_id,
            replace(actor, principal=actor.principal or row.tenant_id),
            subject=row.user_id,
            resource=f"session:{row.id}",
            facts=facts or {},
        )
        self._trail.record(transaction, record)


def _person(actor: Actor, row: rows.Row) -> Actor:
    return replace(actor, kind=ActorKind.USER, principal=row.user_id)
