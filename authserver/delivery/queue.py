"""The outbox as workers and operators see it: who sends what, what waits and what was given up.

A claim is one conditional UPDATE, so any number of workers, in any number of processes, share an
outbox. A row whose worker died is claimed again when the lease is over (F-35, F-42). A named
platform service.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, and_, case, func, or_, select, true, update

from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import BELL
from authserver.delivery.retrying import Note, made_due

_BATCH = 20
LEASE = timedelta(minutes=5)
# With the pauses below, the last attempt is made three days after the first.
MAX_ATTEMPTS = 22
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
_MOST_SPREAD = 0.1
_MAX_ERROR = 200
_DIED = "the worker died"
STATES = ("waiting", "sending", "failed", "sent")


# Records, in the same transaction, that messages of a tenant were made due again.


@dataclass(frozen=True)
class Claim:
    """A row that is ours until the lease is over."""

    id: str
    tenant_id: str
    template: str
    content: bytes
    attempt: int
    until: datetime


@dataclass(frozen=True)
class Entry:
    """A row as operators see it: not to whom, nor what it says."""

    id: str
    template: str
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Backlog:
    """How many messages wait, and since when the oldest of them does."""

    waiting: int
    oldest: datetime


class Outbox:
    """The rows, as a worker sees them."""

    def __init__(
        self, database: Database, clock: Clock, spread: Callable[[], float] = lambda: 0.0
    ) -> None:
        """Take where the rows are, the time, and what spreads retries: a number from 0 to 1."""
        self._database = database
        self._clock = clock
        self._spread = spread

    def claim(self) -> list[Claim]:
        """Take due rows for five minutes. Each attempt counts when it begins."""
        with self._database.read() as view:
            due = view.platform().scalars(select(OutboxMessage.id).where(self._due()).limit(1))
            if due.first() is None:
                return []
        return self._database.write(self._take)

    def _take(self, transaction: Transaction) -> list[Claim]:
        self._bury(transaction)
        until = self._clock.now() + LEASE
        first = select(OutboxMessage.id).where(self._due()).order_by(OutboxMessage.due_at)
        taken = (
            update(OutboxMessage)
            # The condition stands twice: where two take the same row, the second finds it gone.
            .where(OutboxMessage.id.in_(first.limit(_BATCH)), self._due())
            .values(claimed_until=until, attempts=OutboxMessage.attempts + 1)
            .returning(
                OutboxMessage.id,
                OutboxMessage.tenant_id,
                OutboxMessage.template,
                OutboxMessage.content,
                OutboxMessage.attempts,
            )
            .execution_options(synchronize_session=False)
        )
        return [Claim(*row, until) for row in transaction.platform().execute(taken)]

    def _bury(self, transaction: Transaction) -> None:
        """Give up what killed its worker each time: nobody was left to say so."""
        dead = update(OutboxMessage).where(self._due(), OutboxMessage.attempts >= MAX_ATTEMPTS)
        gone = dead.values(failed_at=self._clock.now(), claimed_until=None, last_error=_DIED)
        transaction.platform().execute(gone.execution_options(synchronize_session=False))

    def _due(self) -> ColumnElement[bool]:
        now = self._clock.now()
        free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)
        return and_(_open(), OutboxMessage.due_at <= now, free)

    def is_ours_for(self, claim: Claim, time: timedelta) -> bool:
        """Tell whether the lease holds for so long that nobody else can begin meanwhile."""
        return self._clock.now() + time <= claim.until

    def sent(self, claim: Claim) -> None:
        """Note that a message left. What it said is no longer needed here."""
        now = self._clock.now()
        self._settle(claim, sent_at=now, claimed_until=None, content=b"", last_error=None)

    def failed(self, claim: Claim, error: str) -> None:
        """Note why an attempt failed, and when the next one is due: after the last, never."""
        if claim.attempt >= MAX_ATTEMPTS:
            self.given_up(claim, error)
            return
        pause = min(_FIRST_PAUSE * 2 ** (claim.attempt - 1), _LONGEST_PAUSE)
        due_at = self._clock.now() + pause * (1 + _MOST_SPREAD * self._spread())
        self._settle(claim, due_at=due_at, claimed_until=None, last_error=error[:_MAX_ERROR])

    def given_up(self, claim: Claim, error: str) -> None:
        """Note why a message can never be sent. What it said stays, for an operator to retry."""
        now = self._clock.now()
        self._settle(claim, failed_at=now, claimed_until=None, last_error=error[:_MAX_ERROR])

    def release(self, claims: Sequence[Claim]) -> None:
        """Give back what was not tried, as if it had never been claimed."""
        if claims:
            changes = [
                _ours(claim).values(claimed_until=None, attempts=claim.attempt - 1)
                for claim in claims
            ]
            self._database.write(lambda transaction: _run(transaction, *changes))

    def _settle(self, claim: Claim, **values: object) -> None:
        change = _ours(claim).values(**values)
        self._database.write(lambda transaction: _run(transaction, change))

    def backlog(self, age: timedelta) -> Backlog | None:
        """Return what waits, if the oldest has waited for longer than this."""
        query = select(func.count(), func.min(OutboxMessage.created_at)).where(_open())
        with self._database.read() as view:
            waiting, oldest = view.platform().execute(query).one()
        late = oldest is not None and oldest < self._clock.now() - age
        return Backlog(waiting, oldest) if late else None

    def counts(self) -> dict[str, int]:
        """Return how many rows there are in each state."""
        states = select(state_at(self._clock.now()).label("state")).subquery()
        query = select(states.c.state, func.count()).group_by(states.c.state)
        with self._database.read() as view:
            found = {row[0]: row[1] for row in view.platform().execute(query)}
        return {name: found.get(name, 0) for name in STATES}

    def entries(self, states: Sequence[str], limit: int) -> list[Entry]:
        """Return the newest rows in these states."""
        state = state_at(self._clock.now())
        query = (
            select(
                OutboxMessage.id,
                OutboxMessage.template,
                state,
                OutboxMessage.attempts,
                OutboxMessage.last_error,
                OutboxMessage.created_at,
                OutboxMessage.due_at,
            )
            .where(state.in_(states))
            .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
            .limit(limit)
        )
        with self._database.read() as view:
            return [Entry(*row) for row in view.platform().execute(query)]

    def retry(self, message_ids: Sequence[str] | None, note: Note) -> list[str]:
        """Make rows due now, as if they were new, and return their ids; None: all given up.

        What was sent, or is being sent, is left alone. `note` records it for each tenant.
        """
        return self._database.write(
            lambda transaction: self.retry_in(transaction, message_ids, note)
        )

    def retry_in(
        self,
        transaction: Transaction,
        message_ids: Sequence[str] | None,
        note: Note,
        *,
        tenant_id: str | None = None,
    ) -> list[str]:
        """Do the same in an open transaction; of one tenant alone, if one is given."""
        now = self._clock.now()
        state = state_at(now)
        wanted = (
            state == "failed"
            if message_ids is None
            else and_(OutboxMessage.id.in_(message_ids), state.in_(("waiting", "failed")))
        )
        here = true() if tenant_id is None else OutboxMessage.tenant_id == tenant_id
        change = (
            update(OutboxMessage)
            .where(wanted, here)
            .values(failed_at=None, due_at=now, claimed_until=None, attempts=0)
            .returning(OutboxMessage.tenant_id, OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        transaction.ring(BELL)
        return made_due(transaction, change, note)


def state_at(now: datetime) -> ColumnElement[str]:
    """Return the state of a row at a moment."""
    return case(
        (OutboxMessage.sent_at.is_not(None), "sent"),
        (OutboxMessage.failed_at.is_not(None), "failed"),
        (OutboxMessage.claimed_until > now, "sending"),
        else_="waiting",
    )


def _open() -> ColumnElement[bool]:
    return and_(OutboxMessage.sent_at.is_(None), OutboxMessage.failed_at.is_(None))


def _ours(claim: Claim) -> Update:
    """Return a change of a row that holds only while nobody claimed or ended it after us."""
    return update(OutboxMessage).where(
        OutboxMessage.id == claim.id,
        OutboxMessage.attempts == claim.attempt,
        OutboxMessage.claimed_until == claim.until,
        _open(),
    )


def _run(transaction: Transaction, *changes: Update) -> None:
    for change in changes:
        transaction.platform().execute(change.execution_options(synchronize_session=False))
