"""Jobs are opened, given their parts, started, called off and looked at."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Select, delete, func, select, update

from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.core.values.said import said
from authserver.jobs.models import Job, JobPart, JobRefusal
from authserver.jobs.values import OPEN, Begun, JobView, NewJob, State

BELL = "jobs"
KEPT = timedelta(days=30)
# What was begun to be handed over and never started is forgotten: it holds personal data.
RECEIVING = timedelta(days=1)


class Jobs:
    """Changes of jobs; who is told of them in the trail is the business of their kind."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        """Take what encrypts the parts, and the time."""
        self._keyring = keyring
        self._clock = clock

    def open(self, transaction: Transaction, tenant_id: str, new: NewJob) -> JobView:
        """Open a job: it waits for its parts, or with another state is ready to be done.

        Raises Conflict where one of this kind is open and may only be alone: two at once would be
        in each other's way.
        """
        session, now = transaction.tenant(tenant_id), self._clock.now()
        abandoned = now - RECEIVING
        stale = update(Job).where(
            Job.state == State.RECEIVING, Job.kind == new.kind, Job.created_at <= abandoned
        )
        session.execute(stale.values(state=State.CANCELLED, ended_at=now))
        under_way = select(Job.id).where(Job.kind == new.kind, Job.state.in_(OPEN))
        if new.alone and session.scalar(under_way) is not None:
            raise Conflict("There is one under way: wait for its end, or call it off.")
        row = Job(
            id=new_id("job"),
            kind=new.kind,
            state=new.state.value,
            caller_kind=new.begun.kind,
            caller_id=new.begun.id,
            caller_tenant_id=new.begun.tenant_id,
            correlation_id=new.begun.correlation_id,
            settings=dict(new.settings),
            total=new.total,
            done=0,
            refused=0,
            attempts=0,
            created_at=now,
            expires_at=now + KEPT,
        )
        session.add(row)
        session.flush()
        if new.state is State.WAITING:
            transaction.ring(BELL)
        return view(row)

    def add(
        self, transaction: Transaction, job: JobView, number: int, *, rows: Sequence[object]
    ) -> JobView:
        """Take the next part of a job's rows; `number` counts parts from 1.

        A part that comes again is taken once, so that whoever got no answer may send it again.
        Raises Conflict out of order, or once the job is started.
        """
        row = self._held(transaction, job.tenant_id, job.id)
        if row.state != State.RECEIVING or row.created_at <= self._clock.now() - RECEIVING:
            raise Conflict("It takes no more rows: it is started, or over.")
        session = transaction.tenant(job.tenant_id)
        have = session.scalar(select(func.count(JobPart.id)).where(JobPart.job_id == job.id)) or 0
        if number == have:
            return view(row)
        if number != have + 1:
            raise Conflict(said("The next part is number %(have)s.", have=have + 1))
        part_id = new_id("prt")
        part = JobPart(
            id=part_id,
            job_id=job.id,
            number=number,
            first=row.total,
            rows=len(rows),
            content=self._keyring.encrypt(orjson.dumps(list(rows)), _place(part_id)),
        )
        session.add(part)
        row.total += len(rows)
        session.flush()
        return view(row)

    def rows_at(self, transaction: Transaction, job: JobView, most: int) -> list[Any]:
        """Return the next rows to be worked on, at most so many; none at the end."""
        wanted = select(JobPart).where(
            JobPart.job_id == job.id,
            JobPart.first <= job.done,
            JobPart.first + JobPart.rows > job.done,
        )
        part = transaction.tenant(job.tenant_id).scalar(wanted)
        if part is None:
            return []
        rows: list[Any] = orjson.loads(self._keyring.decrypt(part.content, _place(part.id)))
        at = job.done - part.first
        return rows[at : at + most]

    def start(self, transaction: Transaction, tenant_id: str, job_id: str) -> JobView:
        """Let workers begin. Idempotent while it is under way. Raises NotFound, Conflict."""
        row = self._held(transaction, tenant_id, job_id)
        if row.state in {State.WAITING, State.RUNNING}:
            return view(row)
        late = row.created_at <= self._clock.now() - RECEIVING
        if row.state != State.RECEIVING or late:
            raise Conflict("It is over already.")
        if not row.total:
            raise Conflict("There are no rows: send some first.")
        row.state = State.WAITING.value
        transaction.tenant(tenant_id).flush()
        transaction.ring(BELL)
        return view(row)

    def cancel(self, transaction: Transaction, tenant_id: str, job_id: str) -> JobView:
        """Call a job off: what is done stays. Idempotent. Raises NotFound, Conflict once done."""
        row = self._held(transaction, tenant_id, job_id)
        if row.state in {State.DONE, State.FAILED}:
            raise Conflict("It is over already.")
        if row.ended_at is None:
            row.state, row.ended_at = State.CANCELLED.value, self._clock.now()
            row.claimed_by = row.claimed_until = None
            forget_parts(transaction, tenant_id, job_id)
            transaction.tenant(tenant_id).flush()
        return view(row)

    def take_back(
        self, transaction: Transaction, tenant_id: str, job_id: str, *, why: str
    ) -> JobView:
        """End a job as failed, one that is done, too: what it made is not there any more.

        A step that is under way elsewhere comes first, so that what it wrote is seen from here on.
        Raises NotFound.
        """
        row = self._held(transaction, tenant_id, job_id)
        row.state, row.failure = State.FAILED.value, why
        row.ended_at = row.ended_at or self._clock.now()
        row.claimed_by = row.claimed_until = None
        forget_parts(transaction, tenant_id, job_id)
        transaction.tenant(tenant_id).flush()
        return view(row)

    def _held(self, transaction: Transaction, tenant_id: str, job_id: str) -> Job:
        wanted = (
            select(Job)
            .where(Job.id == job_id)
            .with_for_update(of=Job)
            .execution_options(populate_existing=True)
        )
        return _one(transaction, tenant_id, wanted)


def find(transaction: Transaction, tenant_id: str, job_id: str, *, kind: str) -> JobView:
    """Return a job of a kind. Raises NotFound."""
    return view(_one(transaction, tenant_id, select(Job).where(Job.id == job_id, Job.kind == kind)))


def of_kind(kind: str) -> Select[Job]:
    """Return the query of a tenant's jobs of a kind."""
    return select(Job).where(Job.kind == kind)


def refusals_of(job_id: str) -> Select[JobRefusal]:
    """Return the query of a job's refusals."""
    return select(JobRefusal).where(JobRefusal.job_id == job_id)


def forget_parts(transaction: Transaction, tenant_id: str, job_id: str) -> None:
    """Delete what a job worked on."""
    gone = delete(JobPart).where(JobPart.job_id == job_id)
    transaction.tenant(tenant_id).execute(gone.execution_options(synchronize_session=False))


def view(row: Job) -> JobView:
    """Return a job as it is now."""
    return JobView(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        state=State(row.state),
        begun=Begun(row.caller_kind, row.caller_id, row.caller_tenant_id, row.correlation_id),
        settings=row.settings,
        result=row.result,
        total=row.total,
        done=row.done,
        refused=row.refused,
        failure=row.failure,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _one(transaction: Transaction, tenant_id: str, wanted: Select[Job]) -> Job:
    row = transaction.tenant(tenant_id).scalar(wanted)
    if row is None:
        raise NotFound("There is no such job.", detail=tenant_id)
    return row


def _place(part_id: str) -> Place:
    return Place("job_parts", "content", part_id)
