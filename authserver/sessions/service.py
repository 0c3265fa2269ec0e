"""Sessions: the accounts signed in in one browser.

The cookie is a random name of the browser; what is signed in there are rows under its hash. Each
sign-in gives the browser a new name and moves its rows along, so that a name that somebody planted
or copied before is worth nothing (fixation). A named platform service: one browser's rows may be of
several tenants.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id, new_secret
from authserver.core.net.browsers import Device, describe
from authserver.sessions import rows, statements
from authserver.sessions.live import LiveSession, found, of_row
from authserver.sessions.models import UserSession
from authserver.sessions.traces import Traces

__all__ = ["HomeSignIn", "Lifetimes", "LiveSession", "SessionService", "SessionStart"]

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Lifetimes:
    """How long a session lives without use, and at all."""

    idle: timedelta
    absolute: timedelta


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
    """A sign-in that becomes a session. `level`: 1 password, 2 second factor.

    `browser_token` is what the browser presented, `actor` who signed in and from where, `auth_time`
    when, if it was not just now. `home` is set for a guest account.
    """

    issuer: str
    user: UserSnapshot
    level: int
    amr: tuple[str, ...]
    actor: Actor
    browser_token: str | None = None
    auth_time: datetime | None = None
    home: HomeSignIn | None = None
    device: Device = field(init=False)

    def __post_init__(self) -> None:
        """Put the device into words now: that takes milliseconds, which no transaction has."""
        object.__setattr__(self, "device", describe(self.actor.user_agent))


class SessionService:
    """Starts, finds and ends sessions."""

    def __init__(
        self,
        database: Database,
        *,
        lifetimes: Lifetimes,
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
        tenant_epoch = rows.tenant_epoch_if_open(transaction, start.user)
        kept = start.browser_token if start.home and start.home.session_id else None
        token, now = kept or new_secret(), self._clock.now()
        row = self._row(start, token, now)
        row.tenant_epoch = tenant_epoch
        renewed = self._renewable(transaction, start, row)
        if start.browser_token and not kept:
            rows.move(transaction, start.browser_token, token)
        if renewed is not None:
            row = _renew(renewed, row)
        session = transaction.tenant(start.user.tenant_id)
        session.add(row)
        session.flush()
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
            alive = update(UserSession).where(
                UserSession.id == session.id,
                UserSession.last_seen_at < now,
                rows.within_life(now, self._lifetimes.idle),
            )
            transaction.tenant(session.tenant_id).execute(alive.values(last_seen_at=now))

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

    def _renewable(
        self, transaction: Transaction, start: SessionStart, new: UserSession
    ) -> UserSession | None:
        """Return the id's owner if the account is signed in here; what is over ends for good."""
        live = {session.id for session in self.find(transaction, start.browser_token, start.issuer)}
        renewable = None
        for row in rows.of_browser(transaction, start.browser_token):
            if (row.user_id, row.issuer) != (new.user_id, new.issuer):
                continue
            if row.id in live and renewable is None:
                renewable = transaction.tenant(row.tenant_id).get(UserSession, row.id)
            else:
                self._end(transaction, row, actor=start.actor)
        return renewable

    def _end(self, transaction: Transaction, row: UserSession, *, actor: Actor) -> bool:
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
        row: UserSession,
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


def _person(actor: Actor, row: UserSession) -> Actor:
    return replace(actor, kind="user", principal=row.user_id)


_RENEWED = (
    "level", "amr", "auth_time", "user_epoch", "tenant_epoch", "home_epoch", "home_session_id",
    "last_seen_at", "expires_at",
)  # fmt: skip


def _renew(row: UserSession, by: UserSession) -> UserSession:
    """Let a session go on from a new sign-in, under its old id."""
    for name in (*_RENEWED, "browser_hash"):
        setattr(row, name, getattr(by, name))
    return row
