"""Who has to be told that a session ended: found, claimed, settled. A named platform service.

Nobody who ends a session has to think of its clients. A notice waits beside the session from the
first tokens on, and is due as soon as the session is not live any more, by the very condition by
which sessions are (`sessions.statements.IS_LIVE`): ended, idle, over, or closed by an epoch of the
person, the home account or the tenant. Decision 0029.

A claim is one conditional UPDATE, so any number of workers share the notices.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, and_, func, or_, select, update

from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.tokens.ends import statements
from authserver.tokens.models import LogoutNotice

LEASE = timedelta(minutes=1)
# With the pauses below, the last attempt is made about four hours after the first.
MAX_ATTEMPTS = 8
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=2)
_FACTOR = 4
_MOST_SPREAD = 0.1
_BUSY_PAUSE = timedelta(seconds=2)
_MAX_ERROR = 200
_DIED = "the worker died"

BELL = "logout"
_Row = LogoutNotice
_COLUMNS = (
    _Row.id,
    _Row.tenant_id,
    _Row.session_id,
    _Row.user_id,
    _Row.issuer,
    _Row.client_id,
    _Row.attempts,
)


@dataclass(frozen=True)
class Claim:
    """A notice that is ours until the lease is over."""

    id: str
    tenant_id: str
    session_id: str
    user_id: str
    issuer: str
    client_id: str
    attempt: int
    until: datetime


class LogoutQueue:
    """The notices, as a worker sees them."""

    def __init__(
        self,
        database: Database,
        trail: Trail,
        clock: Clock,
        *,
        idle: timedelta,
        spread: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Take after what time a session is idle, and what spreads retries: from 0 to 1."""
        self._database = database
        self._trail = trail
        self._clock = clock
        self._idle = idle
        self._spread = spread

    def sweep(self) -> int:
        """Make due what belongs to sessions that are live no more; return how many."""
        now = self._clock.now()
        values = {"now": now, "seen_after": now - self._idle}
        with self._database.read() as view:
            if view.row(statements.ANY_IS_OVER, values) is None:
                return 0
        return self._database.write(lambda tx: tx.change(statements.TELL_CLIENTS, values))

    def claim(self, most: int, *, of_each: int, without: Collection[str] = ()) -> list[Claim]:
        """Take notices that are due, a few of each client and none of those named.

        So a client that does not answer holds its own up, and nobody else's. Each attempt counts
        when it begins.
        """
        wanted = and_(self._due(), _Row.client_id.not_in(without)) if without else self._due()
        with self._database.read() as view:
            if view.platform().scalar(select(_Row.id).where(wanted).limit(1)) is None:
                return []
        return self._database.write(lambda tx: self._take(tx, wanted, most, of_each=of_each))

    def _take(
        self, transaction: Transaction, wanted: ColumnElement[bool], most: int, *, of_each: int
    ) -> list[Claim]:
        self._bury(transaction)
        place = func.row_number().over(partition_by=_Row.client_id, order_by=_Row.due_at)
        due = select(_Row.id, _Row.due_at, place.label("place")).where(wanted).subquery()
        some = select(due.c.id).where(due.c.place <= of_each)
        first = some.order_by(due.c.place, due.c.due_at).limit(most)
        until = self._clock.now() + LEASE
        taken = (
            update(_Row)
            # The condition stands twice: where two take the same row, the second finds it gone.
            .where(_Row.id.in_(first), self._due())
            .values(claimed_until=until, attempts=_Row.attempts + 1)
            .returning(*_COLUMNS)
            .execution_options(synchronize_session=False)
        )
        return [Claim(*row, until) for row in transaction.platform().execute(taken)]

    def _bury(self, transaction: Transaction) -> None:
        """Give up what killed its worker each time: nobody was left to say so."""
        dead = update(_Row).where(self._due(), _Row.attempts >= MAX_ATTEMPTS)
        gone = dead.values(failed_at=self._clock.now(), claimed_until=None, last_error=_DIED)
        found = transaction.platform().execute(
            gone.returning(*_COLUMNS).execution_options(synchronize_session=False)
        )
        for row in found:
            self._record(transaction, Claim(*row, self._clock.now()), _DIED)

    def _due(self) -> ColumnElement[bool]:
        now = self._clock.now()
        free = or_(_Row.claimed_until.is_(None), _Row.claimed_until <= now)
        return and_(_open(), _Row.due_at <= now, free)

    def sent(self, claim: Claim) -> None:
        """Note that the client took it."""
        self._settle(claim, sent_at=self._clock.now(), claimed_until=None, last_error=None)

    def put_off(self, claim: Claim) -> None:
        """Try again in a moment, as if nothing had been tried: there were too many at once."""
        due_at = self._clock.now() + _BUSY_PAUSE
        self._settle(claim, due_at=due_at, claimed_until=None, attempts=claim.attempt - 1)

    def failed(self, claim: Claim, error: str) -> None:
        """Note why an attempt failed, and when the next one is due: after the last, never."""
        if claim.attempt >= MAX_ATTEMPTS:
            self.given_up(claim, error)
            return
        pause = min(_FIRST_PAUSE * _FACTOR ** (claim.attempt - 1), _LONGEST_PAUSE)
        due_at = self._clock.now() + pause * (1 + _MOST_SPREAD * self._spread())
        self._settle(claim, due_at=due_at, claimed_until=None, last_error=error[:_MAX_ERROR])

    def given_up(self, claim: Claim, error: str) -> None:
        """Note why a client will not be told, in the trail of the person's tenant, too."""
        reason = error[:_MAX_ERROR]
        change = _ours(claim).values(
            failed_at=self._clock.now(), claimed_until=None, last_error=reason
        )

        def job(transaction: Transaction) -> None:
            if _run(transaction, change):
                self._record(transaction, claim, reason)

        self._database.write(job)

    def not_wanted(self, claim: Claim) -> None:
        """Note that the client does not want to be told any more: no failure of anybody."""
        self._settle(claim, failed_at=self._clock.now(), claimed_until=None, last_error=None)

    def _settle(self, claim: Claim, **values: object) -> None:
        change = _ours(claim).values(**values)
        self._database.write(lambda transaction: _run(transaction, change))

    def _record(self, transaction: Transaction, notice: Claim, reason: str) -> None:
        event = Event(
            EventType.LOGOUT_UNDELIVERED,
            notice.tenant_id,
            Actor(ActorKind.SERVER, notice.tenant_id, new_id("req")),
            subject=notice.user_id,
            resource=f"session:{notice.session_id}",
            facts={"client": notice.client_id, "reason": reason},
        )
        self._trail.record(transaction, event)


def _open() -> ColumnElement[bool]:
    return and_(_Row.sent_at.is_(None), _Row.failed_at.is_(None))


def _ours(claim: Claim) -> Update:
    """Return a change of a row that holds only while nobody claimed or ended it after us."""
    return update(_Row).where(
        _Row.id == claim.id,
        _Row.attempts == claim.attempt,
        _Row.claimed_until == claim.until,
        _open(),
    )


def _run(transaction: Transaction, change: Update) -> bool:
    ours = change.returning(_Row.id).execution_options(synchronize_session=False)
    return transaction.platform().execute(ours).first() is not None
