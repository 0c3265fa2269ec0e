"""A person's own sessions, in every browser: what the account pages list and end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from authserver.accounts.models import User
from authserver.audit.events import Actor
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.net.browsers import Device
from authserver.core.problems import NotFound
from authserver.sessions import rows
from authserver.sessions.models import UserSession
from authserver.sessions.service import LiveSession, SessionService
from authserver.sessions.traces import Traces
from authserver.tenants.models import Tenant
from authserver.tenants.policy import SessionLives


@dataclass(frozen=True)
class OwnSession:
    """One of a person's sessions, as they may recognise it."""

    id: str
    device: Device
    address: str
    created_at: datetime
    last_seen_at: datetime


class OwnSessions:
    """Lists and ends the sessions of one account at one issuer.

    `mine` is the session of the browser that asks: it says whose and where.
    """

    def __init__(
        self, sessions: SessionService, *, lifetimes: SessionLives, traces: Traces, clock: Clock
    ) -> None:
        """Take what ends sessions and reads their traces."""
        self._sessions = sessions
        self._lifetimes = lifetimes
        self._traces = traces
        self._clock = clock

    def live(self, transaction: Transaction, mine: LiveSession) -> list[OwnSession]:
        """Return what is live, by the rule of `SessionService.find`; the latest use first."""
        wanted = (
            select(UserSession)
            .join(User, User.id == UserSession.user_id)
            .join(Tenant, Tenant.id == UserSession.tenant_id)
            .where(
                _of(mine),
                rows.within_life(self._clock.now(), self._lifetimes.idle),
                UserSession.user_epoch == User.security_epoch,
                UserSession.tenant_epoch == Tenant.security_epoch,
                UserSession.home_epoch == mine.home_epoch,
            )
            .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        )
        return [self._own(row) for row in transaction.tenant(mine.tenant_id).scalars(wanted)]

    def one(self, transaction: Transaction, mine: LiveSession, session_id: str) -> OwnSession:
        """Return one of the person's sessions, ended or not.

        Raises NotFound for whatever is not theirs.
        """
        wanted = select(UserSession).where(_of(mine), UserSession.id == session_id)
        row = transaction.tenant(mine.tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("There is no such session.", detail=f"{session_id} of {mine.user.id}")
        return self._own(row)

    def end(
        self, transaction: Transaction, mine: LiveSession, session_id: str, *, actor: Actor
    ) -> bool:
        """End one of the person's sessions; False if it had ended. Raises NotFound."""
        found = self.one(transaction, mine, session_id)
        return self._sessions.end(transaction, mine.tenant_id, session_id=found.id, actor=actor)

    def end_others(self, transaction: Transaction, mine: LiveSession, *, actor: Actor) -> int:
        """End all but `mine`, idle ones too: their tokens may still live. Return how many."""
        unended = select(UserSession.id).where(
            _of(mine), UserSession.ended_at.is_(None), UserSession.id != mine.id
        )
        ids: Sequence[str] = transaction.tenant(mine.tenant_id).scalars(unended).all()
        return sum(
            self._sessions.end(transaction, mine.tenant_id, session_id=one, actor=actor)
            for one in ids
        )

    def _own(self, row: UserSession) -> OwnSession:
        trace = self._traces.read(row)
        return OwnSession(row.id, trace.device, trace.address, row.created_at, row.last_seen_at)


def _of(mine: LiveSession) -> ColumnElement[bool]:
    return (UserSession.user_id == mine.user.id) & (UserSession.issuer == mine.issuer)
