"""Copies of tenants are asked for, taken piece by piece, and deleted; others are handed over.

The passphrase itself is never stored: a key made of it goes with the job's parts, encrypted, and is
gone with the job's end.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import delete, func, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.jobs import service as jobs
from authserver.jobs.service import Jobs
from authserver.jobs.values import OPEN, Begun, JobView, NewJob, State
from authserver.moving.heads import check_head
from authserver.moving.models import TenantCopyPart
from authserver.moving.sealing import Key
from authserver.roles import lookup
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import Grantor, check_grantor

EXPORT, IMPORT = "export_tenant", "import_tenant"
LIFE = timedelta(hours=24)
_AT_ONCE = 256 * 1024  # bytes of a part of what is handed over


@dataclass(frozen=True)
class Piece:
    """A piece of a copy: its number from 1, of how many."""

    number: int
    of: int
    content: bytes


@dataclass(frozen=True)
class HandedOver:
    """A copy that comes from elsewhere: its key, its first line, and all of it."""

    key: Key
    head: bytes
    file: bytes


class Copies:
    """Copies of tenants that are here."""

    def __init__(self, jobs: Jobs, trail: Trail, clock: Clock) -> None:
        """Take what keeps jobs, where it is recorded, and the time."""
        self._jobs = jobs
        self._trail = trail
        self._clock = clock

    def ask(
        self, transaction: Transaction, tenant_id: str, begun: Begun, *, key: Key, by: Grantor
    ) -> JobView:
        """Let a copy be made, under a key. The factors of everybody are in it.

        Raises Refused where somebody in the tenant may do more than who asks, or Conflict while
        another one is made.
        """
        held = transaction.tenant(tenant_id).scalars(select(RoleAssignment.role).distinct())
        check_grantor(by, "", lookup.known(transaction, tenant_id, held))
        job = self._jobs.open(transaction, tenant_id, NewJob(EXPORT, begun, {}))
        self._jobs.add(transaction, job, 1, rows=[key.written()])
        # How many rows there are, the work finds out.
        return self._jobs.start(transaction, tenant_id, job.id)

    def record(
        self,
        transaction: Transaction,
        kind: EventType,
        job: JobView,
        *,
        actor: Actor,
        facts: Mapping[str, object],
    ) -> None:
        """Say in the trail what was done to a copy."""
        event = Event(kind, job.tenant_id, actor, resource=f"job:{job.id}", facts=facts)
        self._trail.record(transaction, event)

    def key_of(self, transaction: Transaction, job: JobView) -> Key:
        """Return what a copy is encrypted with. Raises NotFound once the work is over."""
        rows = self._jobs.rows_at(transaction, replace(job, done=0), 1)
        if not rows:
            raise NotFound("There is no such job.")
        return Key.read(rows[0])

    def take(self, transaction: Transaction, job: JobView, number: int) -> Piece:
        """Return a piece of a copy. Raises NotFound for none, or none any more."""
        session = transaction.tenant(job.tenant_id)
        mine = select(TenantCopyPart).where(TenantCopyPart.job_id == job.id)
        part = session.scalar(mine.where(TenantCopyPart.number == number))
        if part is None or not self.is_there(transaction, job):
            raise NotFound("There is no such piece of a copy, or not any more.")
        count = select(func.count(TenantCopyPart.id)).where(TenantCopyPart.job_id == job.id)
        return Piece(number, session.scalar(count) or 0, part.content)

    def is_there(self, transaction: Transaction, job: JobView) -> bool:
        """Tell whether a copy can be taken: it is made, for a day, and was not deleted."""
        if job.state is not State.DONE or job.ended_at is None:
            return False
        any_part = select(TenantCopyPart.id).where(TenantCopyPart.job_id == job.id).limit(1)
        fresh = job.ended_at + LIFE > self._clock.now()
        return fresh and transaction.tenant(job.tenant_id).scalar(any_part) is not None

    def delete(self, transaction: Transaction, job: JobView) -> None:
        """Call a copy off, or delete what was made. Idempotent."""
        if job.state in OPEN:
            self._jobs.cancel(transaction, job.tenant_id, job.id)
        forget(transaction, job)


class Arrivals:
    """Copies that were made elsewhere. Their jobs belong to the tenant of who hands them over."""

    def __init__(self, jobs: Jobs) -> None:
        """Take what keeps jobs."""
        self._jobs = jobs

    def begin(
        self,
        transaction: Transaction,
        begun: Begun,
        copy: HandedOver,
        *,
        slug: str | None,
        by: Grantor,
    ) -> JobView:
        """Let a tenant be made of a copy, under another slug if one is given.

        Raises UnfitCopy, UnfitName, or Conflict where the slug is taken.
        """
        head = check_head(transaction, copy.head, slug)
        settings = {"slug": head.slug, "permissions": sorted(by.permissions)}
        job = self._jobs.open(
            transaction, begun.tenant_id, NewJob(IMPORT, begun, settings, alone=False)
        )
        texts = [copy.key.written(), *_cut(copy.file)]
        for number, text in enumerate(texts, 1):
            job = self._jobs.add(transaction, job, number, rows=[text])
        return self._jobs.start(transaction, begun.tenant_id, job.id)

    def handed_over(self, transaction: Transaction, job: JobView) -> tuple[Key, bytes]:
        """Return the key and the file of a job. Raises NotFound once it is over."""
        found: list[str] = []
        while rows := self._jobs.rows_at(transaction, replace(job, done=len(found)), 1):
            found += rows
        if not found:
            raise NotFound("There is no such job.")
        return Key.read(found[0]), b"".join(map(b64decode, found[1:]))


def find(transaction: Transaction, tenant_id: str, job_id: str, *, kind: str) -> JobView:
    """Return the job of a copy. Raises NotFound."""
    return jobs.find(transaction, tenant_id, job_id, kind=kind)


def forget(transaction: Transaction, job: JobView) -> None:
    """Delete the pieces of a copy."""
    gone = delete(TenantCopyPart).where(TenantCopyPart.job_id == job.id)
    session = transaction.tenant(job.tenant_id)
    session.execute(gone.execution_options(synchronize_session=False))


def _cut(file: bytes) -> Iterator[str]:
    for at in range(0, len(file), _AT_ONCE):
        yield b64encode(file[at : at + _AT_ONCE]).decode()
