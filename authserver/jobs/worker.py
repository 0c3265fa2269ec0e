"""The worker: claims a job, and does it step by step until it is over or somebody else's.

A claim is one conditional UPDATE with a lease, and each step writes the lease anew in the very
transaction of what it does: where that finds the claim gone, the step is rolled back. So a job is
done by one process at a time, whatever dies or wakes up late. A named platform service.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Problem, Unavailable
from authserver.delivery.beside import Beside
from authserver.jobs.models import Job, JobRefusal
from authserver.jobs.service import forget_parts, view
from authserver.jobs.values import Handler, JobView, State, Step, Whole

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
_LOOK_EVERY = 2.0  # seconds; other processes' jobs have no other bell
_PAUSE = 0.02  # seconds between two steps: requests have their turn
_CRASHED = "defect"

_log = log.get(__name__)


Does = Callable[[Transaction, JobView], Step]


class NotOurs(Exception):  # noqa: N818  not an error: somebody else goes on, or called it off
    """The claim is gone: what was just done must not count."""


class Fails(Exception):  # noqa: N818  rolls a step back, where a Problem would be committed
    """The work cannot go on; `code` says why."""

    def __init__(self, code: str) -> None:
        """Take the reason."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Claim:
    """A job that is ours until the lease is over."""

    id: str
    tenant_id: str
    kind: str
    token: str


class JobWorker(Beside):
    """Does jobs one after the other: in a thread, or in `run` of a command."""

    name = "jobs"
    patience = 10.0

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Iterable[Handler],
        *,
        whole: Iterable[Whole] = (),
    ) -> None:
        """Take where jobs are, the time, and what does each kind; other kinds are left alone."""
        super().__init__()
        self._database = database
        self._clock = clock
        self._handlers = {handler.kind: handler for handler in handlers}
        self._whole = {handler.kind: handler for handler in whole}

    def run(self) -> None:
        """Work until `end` is called."""
        while not self._stopping:
            self._bell.clear()
            # Whatever goes wrong, the next job finds a worker.
            try:
                self.work_off()
            except Unavailable as down:
                _log.warning("jobs_wait", reason=down.detail)
            except Exception:  # noqa: BLE001  the thread is all there is
                _log.exception("job_worker_failed")
            if not self._stopping:
                self._bell.wait(_LOOK_EVERY)

    def work_off(self) -> int:
        """Do all that is due; return how many jobs ended here."""
        ended = 0
        while not self._stopping and (claim := self.claim()):
            ended += self._do(claim)
        return ended

    def _do(self, claim: Claim) -> bool:
        """Do a job's steps; return whether it ended, False where it is not ours any more."""
        while not self._stopping:
            try:
                if self._advance(claim):
                    _log.info("job_done", job=claim.id, kind=claim.kind)
                    return True
            except NotOurs:
                return False
            except Fails as fails:
                self._fail(claim, fails.code)
                return True
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001  the worker goes on with other jobs
                # The lease runs out, and somebody tries again: a few times.
                _log.exception("job_step_failed", job=claim.id, kind=claim.kind)
                return False
            self._over.wait(_PAUSE)
        self._release(claim)
        return False

    def _advance(self, claim: Claim) -> bool:
        """Do a step, or all of it; return whether that was the last."""
        if claim.kind in self._handlers:
            return self._database.write(lambda transaction: self.step(transaction, claim))
        ended = False

        def note(does: Does) -> None:
            nonlocal ended
            if self._stopping:
                self._release(claim)
                raise NotOurs
            ended = self._database.write(lambda transaction: self.step(transaction, claim, does))

        with self._database.read() as view_:
            job = view(view_.tenant(claim.tenant_id).get_one(Job, claim.id))
        try:
            self._whole[claim.kind].work(job, note)
        except Problem as problem:
            raise Fails(problem.code) from problem
        return ended

    def claim(self) -> Claim | None:
        """Take the oldest job that is due, for a minute; None where there is none."""
        due, token = self._due(), new_id("wrk")
        with self._database.read() as view_:
            found = view_.platform().scalar(select(Job.id).where(due).order_by(Job.id).limit(1))
        if found is None:
            return None
        taken = (
            update(Job)
            # The condition stands twice: where two take the same row, the second finds it gone.
            .where(Job.id == found, due)
            .values(
                state=State.RUNNING.value,
                claimed_by=token,
                claimed_until=self._clock.now() + LEASE,
                attempts=Job.attempts + 1,
            )
            .returning(Job.id, Job.tenant_id, Job.kind, Job.attempts)
            .execution_options(synchronize_session=False)
        )
        row = self._database.write(lambda transaction: _first(transaction, taken))
        if row is None:
            return None
        claim = Claim(row.id, row.tenant_id, row.kind, token)
        if row.attempts > MAX_ATTEMPTS:
            self._fail(claim, _CRASHED)
            return self.claim()
        return claim

    def _due(self) -> ColumnElement[bool]:
        free = or_(Job.claimed_until.is_(None), Job.claimed_until <= self._clock.now())
        ready = Job.state.in_((State.WAITING.value, State.RUNNING.value))
        kinds = (*self._handlers, *self._whole)
        return and_(Job.ended_at.is_(None), ready, free, Job.kind.in_(kinds))

    def step(self, transaction: Transaction, claim: Claim, does: Does | None = None) -> bool:
        """Do one step, the handler's or another; return whether it was the last.

        Raises NotOurs, Fails.
        """
        now = self._clock.now()
        job = self._hold(transaction, claim, now)
        try:
            step = (does or self._handlers[claim.kind].step)(transaction, job)
        except Problem as problem:
            raise Fails(problem.code) from problem
        session = transaction.tenant(claim.tenant_id)
        for refused in step.refused:
            row = JobRefusal(
                id=new_id("rfs"),
                job_id=claim.id,
                number=refused.number,
                field=refused.field,
                code=refused.code,
            )
            session.add(row)
        session.flush()
        self._note(transaction, claim, step, now=now)
        return step.finished

    def _hold(self, transaction: Transaction, claim: Claim, now: datetime) -> JobView:
        """Return the job if it is still ours, for a further lease. Raises NotOurs."""
        held = _ours(claim).values(claimed_until=now + LEASE)
        session = transaction.tenant(claim.tenant_id)
        if session.execute(held.returning(Job.id)).first() is None:
            raise NotOurs
        wanted = select(Job).where(Job.id == claim.id).execution_options(populate_existing=True)
        row = session.scalars(wanted).one()
        return view(row)

    def _note(self, transaction: Transaction, claim: Claim, step: Step, *, now: datetime) -> None:
        values: dict[str, Any] = {
            "done": Job.done + step.rows,
            "refused": Job.refused + len(step.refused),
            "attempts": 1,  # it goes on: only deaths in a row are counted
        }
        if step.total is not None:
            values["total"] = step.total
        if step.finished:
            values |= {
                "state": State.DONE.value,
                "ended_at": now,
                "claimed_by": None,
                "claimed_until": None,
                "result": dict(step.result) or None,
            }
            forget_parts(transaction, claim.tenant_id, claim.id)
        started = update(Job).where(Job.id == claim.id, Job.started_at.is_(None))
        session = transaction.tenant(claim.tenant_id)
        session.execute(started.values(started_at=now).execution_options(**_PLAIN))
        session.execute(_ours(claim).values(**values))

    def _fail(self, claim: Claim, code: str) -> None:
        now = self._clock.now()
        values = {"state": State.FAILED.value, "ended_at": now, "failure": code[:80]}

        def job(transaction: Transaction) -> None:
            session = transaction.tenant(claim.tenant_id)
            ended = _ours(claim).values(claimed_by=None, claimed_until=None, **values)
            if session.execute(ended.returning(Job.id)).first() is None:
                return
            forget_parts(transaction, claim.tenant_id, claim.id)

        self._database.write(job)
        _log.warning("job_failed", job=claim.id, kind=claim.kind, reason=code)

    def _release(self, claim: Claim) -> None:
        """Give it back: another process may go on at once."""
        free = _ours(claim).values(claimed_by=None, claimed_until=None, attempts=0)
        self._database.write(lambda transaction: transaction.tenant(claim.tenant_id).execute(free))


_PLAIN = {"synchronize_session": False}


def _ours(claim: Claim) -> Any:  # noqa: ANN401  an update
    """Return a change of the job that holds only while the claim does."""
    return (
        update(Job)
        .where(
            Job.id == claim.id,
            Job.claimed_by == claim.token,
            Job.state == State.RUNNING.value,
        )
        .execution_options(**_PLAIN)
    )


def _first(transaction: Transaction, taken: Any) -> Any:  # noqa: ANN401  an update, and its row
    return transaction.platform().execute(taken).first()
