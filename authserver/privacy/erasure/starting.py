"""Erasures whose time has come are begun. A named platform service: it looks into every tenant."""

from datetime import timedelta

from sqlalchemy import Select, select

from authserver.audit.events import ActorKind
from authserver.core.clock import Clock
from authserver.core.database.down import unavailable_when_down
from authserver.core.database.engine import Database, Transaction
from authserver.core.database.kept import overwrite
from authserver.core.ids import new_id
from authserver.jobs.service import Jobs
from authserver.jobs.values import Begun, NewJob
from authserver.jobs.values import State as JobState
from authserver.privacy.erasure.models import Erasure, LegalHold
from authserver.privacy.erasure.values import KIND, State

AT_ONCE = 100


class Starting:
    """Looks for what is due and not held."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        """Take where erasures are, and what opens their work."""
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._overwritten_until = clock.now() - timedelta(hours=2)

    def begin_due(self) -> list[str]:
        """Begin some that are due; return their ids, none once there are no more."""
        with self._database.read() as view:
            if view.platform().scalar(self._due().limit(1)) is None:
                return []
        return self._database.write(self._begin)

    def overwrite(self) -> list[str]:
        """Have what was erased since the last time overwritten in the database's files, too."""
        since, now = self._overwritten_until, self._clock.now()
        ended = select(Erasure.id).where(Erasure.state == State.DONE.value)
        with self._database.read() as view:
            found = view.platform().scalars(ended.where(Erasure.ended_at >= since).limit(AT_ONCE))
            ids = [*found]
        if ids and _overwritten(self._database):
            self._overwritten_until = now
        # Once an hour is enough, whether it could be done or not.
        return []

    def _begin(self, transaction: Transaction) -> list[str]:
        rows = [*transaction.platform().execute(self._due().limit(AT_ONCE))]
        for erasure_id, tenant_id in rows:
            own = transaction.tenant(tenant_id)
            row = own.scalars(select(Erasure).where(Erasure.id == erasure_id)).one()
            begun = Begun(ActorKind.SERVER, tenant_id, tenant_id, new_id("req"))
            begin(transaction, row, begun, jobs=self._jobs)
        return [erasure_id for erasure_id, _ in rows]

    def _due(self) -> Select[str, str]:
        standing = select(LegalHold.id).where(
            LegalHold.tenant_id == Erasure.tenant_id,
            LegalHold.user_id == Erasure.user_id,
            LegalHold.lifted_at.is_(None),
        )
        return (
            select(Erasure.id, Erasure.tenant_id)
            .where(
                Erasure.state == State.WAITING.value,
                Erasure.job_id.is_(None),
                Erasure.due_at <= self._clock.now(),
                ~standing.exists(),
            )
            .order_by(Erasure.due_at)
        )


def _overwritten(database: Database) -> bool:
    with unavailable_when_down():
        return overwrite(database.engine)


def begin(transaction: Transaction, row: Erasure, begun: Begun, *, jobs: Jobs) -> None:
    """Let a worker do an erasure whose time has come."""
    settings = {"erasure_id": row.id, "user_id": row.user_id}
    new = NewJob(KIND, begun, settings, JobState.WAITING, alone=False)
    row.job_id = jobs.open(transaction, row.tenant_id, new).id
    transaction.tenant(row.tenant_id).flush()
