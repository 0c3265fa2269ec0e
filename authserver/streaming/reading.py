"""What a stream has yet to take, and what it has taken. A named platform service.

Events get their numbers without a gap, in one place, a little after they happened: what has a
number is committed, and nothing with a smaller one comes later. So a cursor by number misses none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, literal, or_, select, update
from sqlalchemy.sql.dml import Update

from authserver.audit.models import AuditEvent
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.database.types import UtcTime
from authserver.core.ids import new_id
from authserver.streaming.models import MAX_ERROR, TrailCursor, TrailStream
from authserver.streaming.sinks import Line
from authserver.tenants.models import Tenant

LEASE = timedelta(minutes=1)
_TOMBSTONE = b'{"tombstone":true}'  # its time was over before the stream came to it
_TENANTS, _EVENTS = 50, 200  # of one batch


@dataclass(frozen=True)
class Standing:
    """How a stream stands: how many events it has yet to take, and since when the oldest waits."""

    name: str
    waiting: int
    oldest: datetime | None
    moved_at: datetime | None
    failing_since: datetime | None
    error: str | None


class Cursors:
    """How far streams are, as the worker and operators see it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where the trail is, and the time."""
        self._database = database
        self._clock = clock
        self._me = new_id("wrk")

    def is_behind(self, name: str) -> bool:
        """Tell whether there is something to take."""
        with self._database.read() as view:
            return view.platform().execute(_behind(name).limit(1)).first() is not None

    def claim(self, name: str) -> bool:
        """Take a stream, or keep it, for a minute; tell whether it is ours."""
        now = self._clock.now()
        mine = update(TrailStream).where(
            TrailStream.name == name,
            or_(
                TrailStream.claimed_until.is_(None),
                TrailStream.claimed_until <= now,
                TrailStream.claimed_by == self._me,
            ),
        )
        taken = mine.values(claimed_by=self._me, claimed_until=now + LEASE)

        def job(transaction: Transaction) -> bool:
            session = transaction.platform()
            if session.get(TrailStream, name) is None:
                session.add(TrailStream(name=name))
                session.flush()
            return _changed(transaction, taken)

        return self._database.write(job)

    def batch(self, name: str) -> list[Line]:
        """Return what is next, of some tenants alike, each tenant's in order."""
        lines: list[Line] = []
        with self._database.read() as view:
            session = view.platform()
            behind = session.execute(_behind(name).limit(_TENANTS)).all()
            for tenant_id, seq in behind:
                wanted = (
                    select(AuditEvent)
                    .where(AuditEvent.tenant_id == tenant_id, AuditEvent.seq > seq)
                    .order_by(AuditEvent.seq)
                    .limit(_EVENTS // len(behind))
                )
                lines += [_line(row) for row in session.scalars(wanted)]
        return lines

    def taken(self, name: str, lines: Sequence[Line]) -> bool:
        """Note that a batch was taken, unless the stream is somebody else's now."""
        now, last = self._clock.now(), {line.tenant_id: line.seq for line in lines}
        moved = self._ours(name).values(moved_at=now, failing_since=None, error=None)

        def job(transaction: Transaction) -> bool:
            if not _changed(transaction, moved):
                return False
            for tenant_id, seq in sorted(last.items()):
                _move(transaction, name, tenant_id, seq=seq)
            return True

        return self._database.write(job)

    def refused(self, name: str, error: str) -> None:
        """Note why a batch was not taken."""
        since = func.coalesce(TrailStream.failing_since, literal(self._clock.now(), UtcTime()))
        noted = self._ours(name).values(failing_since=since, error=error[:MAX_ERROR])
        self._database.write(lambda transaction: _changed(transaction, noted))

    def release(self, name: str) -> None:
        """Give a stream back."""
        free = self._ours(name).values(claimed_until=None, claimed_by=None)
        self._database.write(lambda transaction: _changed(transaction, free))

    def standing(self, transaction: Transaction, name: str) -> Standing:
        """Return how a stream stands; numbers have no gap, so nothing is counted."""
        session = transaction.platform()
        row = session.get(TrailStream, name)
        behind = _behind(name).subquery()
        mine = AuditEvent.tenant_id == behind.c.id
        last = select(func.max(AuditEvent.seq)).where(mine)
        first = (
            select(AuditEvent.occurred_at)
            .where(mine, AuditEvent.seq > behind.c.seq)
            .order_by(AuditEvent.seq)
            .limit(1)
        )
        each = select(
            (last.scalar_subquery() - behind.c.seq).label("waiting"),
            first.scalar_subquery().label("since"),
        ).subquery()
        found = session.execute(select(func.sum(each.c.waiting), func.min(each.c.since))).one()
        return Standing(
            name,
            int(found[0] or 0),
            found[1],
            row.moved_at if row else None,
            row.failing_since if row else None,
            row.error if row else None,
        )

    def move(self, transaction: Transaction, name: str, tenant_id: str, *, seq: int) -> None:
        """Have a stream go on after the event of this number of a tenant."""
        _move(transaction, name, tenant_id, seq=seq)

    def _ours(self, name: str) -> Update:
        """Return a change of a stream that holds only while it is ours."""
        return update(TrailStream).where(
            TrailStream.name == name,
            TrailStream.claimed_by == self._me,
            TrailStream.claimed_until > self._clock.now(),
        )


def _changed(transaction: Transaction, change: Update) -> bool:
    """Make a change, and tell whether there was something to change."""
    found = change.returning(TrailStream.name).execution_options(synchronize_session=False)
    return transaction.platform().execute(found).first() is not None


def _behind(name: str) -> Select[str, int]:
    """Return the tenants of which a stream has something to take, and how far it is."""
    seq = func.coalesce(TrailCursor.seq, 0)
    cursor = and_(TrailCursor.tenant_id == Tenant.id, TrailCursor.stream == name)
    more = select(AuditEvent.id).where(AuditEvent.tenant_id == Tenant.id, AuditEvent.seq > seq)
    wanted = select(Tenant.id, seq.label("seq")).outerjoin(TrailCursor, cursor)
    return wanted.where(more.correlate(Tenant, TrailCursor).exists()).order_by(Tenant.id)


def _move(transaction: Transaction, name: str, tenant_id: str, *, seq: int) -> None:
    session = transaction.tenant(tenant_id)
    row = session.scalar(select(TrailCursor).where(TrailCursor.stream == name))
    if row is None:
        session.add(TrailCursor(id=new_id("cur"), tenant_id=tenant_id, stream=name, seq=seq))
    else:
        row.seq = seq
    session.flush()


def _line(row: AuditEvent) -> Line:
    return Line(
        tenant_id=row.tenant_id,
        seq=row.seq or 0,
        time=row.occurred_at,
        type=row.type,
        body=row.body or _TOMBSTONE,
        leaf=row.leaf,
    )
