"""Notices as operators see them: what waits, what was given up, and having it tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select, true, update

from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.delivery.retrying import Note, made_due
from authserver.oauth.logout.queue import BELL
from authserver.tokens.models import LogoutNotice

# `live`: the session is not over, as far as anybody looked.
STATES = ("live", "waiting", "sending", "failed", "sent")
OPEN = ("waiting", "sending", "failed")

_Row = LogoutNotice
# Records, in the same transaction, that notices of a tenant were made due again.


@dataclass(frozen=True)
class Entry:
    """One notice: which client is told of which session, and what became of it."""

    id: str
    session_id: str
    client_id: str
    state: str
    attempts: int
    last_error: str | None
    due_at: datetime | None


class LogoutOverview:
    """Lists notices, and makes them due again. A named platform service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where the rows are, and the time."""
        self._database = database
        self._clock = clock

    def counts(self) -> dict[str, int]:
        """Return how many notices there are in each state."""
        states = select(state_at(self._clock.now()).label("state")).subquery()
        query = select(states.c.state, func.count()).group_by(states.c.state)
        with self._database.read() as view:
            found = {row[0]: row[1] for row in view.platform().execute(query)}
        return {name: found.get(name, 0) for name in STATES}

    def entries(self, states: Sequence[str], limit: int) -> list[Entry]:
        """Return the newest notices in these states."""
        state = state_at(self._clock.now())
        query = (
            select(
                _Row.id,
                _Row.session_id,
                _Row.client_id,
                state,
                _Row.attempts,
                _Row.last_error,
                _Row.due_at,
            )
            .where(state.in_(states))
            .order_by(_Row.created_at.desc(), _Row.id.desc())
            .limit(limit)
        )
        with self._database.read() as view:
            return [Entry(*row) for row in view.platform().execute(query)]

    def retry(self, notice_ids: Sequence[str] | None, note: Note) -> list[str]:
        """Make notices due now, as if they were new; None: all that were given up.

        What was sent, or is being sent, is left alone. `note` records it for each tenant.
        """
        return self._database.write(
            lambda transaction: self.retry_in(transaction, notice_ids, note)
        )

    def retry_in(
        self,
        transaction: Transaction,
        notice_ids: Sequence[str] | None,
        note: Note,
        *,
        tenant_id: str | None = None,
    ) -> list[str]:
        """Do the same in an open transaction; of one tenant alone, if one is given."""
        now = self._clock.now()
        state = state_at(now)
        here = true() if tenant_id is None else _Row.tenant_id == tenant_id
        given_up = state == "failed"
        named = and_(_Row.id.in_(notice_ids or ()), state.in_(("waiting", "failed")))
        change = (
            update(_Row)
            .where(given_up if notice_ids is None else named, here)
            .values(failed_at=None, due_at=now, claimed_until=None, attempts=0)
            .returning(_Row.tenant_id, _Row.id)
            .execution_options(synchronize_session=False)
        )
        transaction.ring(BELL)
        return made_due(transaction, change, note)


def state_at(now: datetime) -> ColumnElement[str]:
    """Return the state of a row at a moment."""
    return case(
        (_Row.sent_at.is_not(None), "sent"),
        (_Row.failed_at.is_not(None), "failed"),
        (_Row.due_at.is_(None), "live"),
        (_Row.claimed_until > now, "sending"),
        else_="waiting",
    )
