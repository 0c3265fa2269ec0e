"""Copies are asked for, and fetched once."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, select, update

from authserver.accounts.standing import held
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.core.problems import Conflict, NotFound
from authserver.jobs.models import Job
from authserver.jobs.service import Jobs
from authserver.jobs.values import OPEN, Begun, NewJob, State
from authserver.privacy.exports.models import DataExport, DataExportPart
from authserver.privacy.exports.values import KIND, PURPOSE, Copy, Standing
from authserver.privacy.exports.writing import Whose, Writing, packed


@dataclass(frozen=True)
class Person:
    """Whose data it is about."""

    tenant_id: str
    id: str


class Exports:
    """Asks for copies and gives them out."""

    def __init__(
        self, jobs: Jobs, writing: Writing, *, trail: Trail, keyring: Keyring, clock: Clock
    ) -> None:
        """Take what makes them, what they are encrypted with, and the trail."""
        self._jobs = jobs
        self._writing = writing
        self._trail = trail
        self._keyring = keyring
        self._clock = clock

    def ask(self, transaction: Transaction, person: Person, begun: Begun, *, actor: Actor) -> Copy:
        """Let a copy be made: its link is mailed to the person. What was ready before is void.

        Raises NotFound, or Conflict while one is being made.
        """
        held(transaction, person.tenant_id, person.id)
        before = self.of_person(transaction, person)
        if before and before[0].standing is Standing.MAKING:
            raise Conflict("A copy is being made: the mail with its link is on its way.")
        self._void(transaction, person)
        export_id, now = new_id("pex"), self._clock.now()
        settings = {"export_id": export_id, "user_id": person.id}
        new = NewJob(KIND, begun, settings, State.WAITING, alone=False)
        job = self._jobs.open(transaction, person.tenant_id, new)
        row = DataExport(
            id=export_id,
            user_id=person.id,
            job_id=job.id,
            asked_by=actor.kind,
            parts=0,
            created_at=now,
        )
        session = transaction.tenant(person.tenant_id)
        session.add(row)
        session.flush()
        self._record(
            transaction, EventType.DATA_EXPORT_REQUESTED, person, export_id=row.id, actor=actor
        )
        return _copy(row, Standing.MAKING)

    def of_person(self, transaction: Transaction, person: Person) -> list[Copy]:
        """Return the copies that were asked for, the latest first."""
        wanted = (
            select(DataExport, Job.state)
            .outerjoin(Job, Job.id == DataExport.job_id)
            .where(DataExport.user_id == person.id)
            .order_by(DataExport.id.desc())
        )
        now = self._clock.now()
        rows = transaction.tenant(person.tenant_id).execute(wanted)
        return [_copy(row, _standing(row, state, now)) for row, state in rows]

    def look(self, transaction: Transaction, person: Person, token: str) -> str:
        """Return the id of the copy that a link opens. Changes nothing. Raises NotFound."""
        wanted = select(DataExport.id).where(*self._opened_by(person, token))
        found = transaction.tenant(person.tenant_id).scalar(wanted)
        if found is None:
            raise NotFound("There is no such copy for this account, or not any more.")
        return found

    def take(self, transaction: Transaction, person: Person, token: str, *, actor: Actor) -> bytes:
        """Return a copy as an archive, once: nothing of it stays here. Raises NotFound."""
        session = transaction.tenant(person.tenant_id)
        taken = (
            update(DataExport)
            .where(*self._opened_by(person, token))
            .values(taken_at=self._clock.now())
            .returning(DataExport.id, DataExport.signature)
            .execution_options(synchronize_session=False)
        )
        row = session.execute(taken).first()
        if row is None:
            raise NotFound("There is no such copy for this account, or not any more.")
        text = self._text(transaction, person.tenant_id, row.id)
        self._forget(transaction, person.tenant_id, [row.id])
        self._record(
            transaction, EventType.DATA_EXPORT_TAKEN, person, export_id=row.id, actor=actor
        )
        return packed(text, row.signature or "")

    def hand_over(self, transaction: Transaction, person: Person, actor: Actor) -> bytes:
        """Return a copy at once, for the operator, who gives it to somebody without an account.

        Raises NotFound.
        """
        held(transaction, person.tenant_id, person.id)
        whose = Whose(new_id("pex"), person.tenant_id, person.id)
        text = self._writing.whole(transaction, whose)
        digest = sha256(text).hexdigest()
        signature = self._writing.signature(transaction, whose, digest=digest, size=len(text))
        self._record(
            transaction, EventType.DATA_EXPORT_TAKEN, person, export_id=whose.export_id, actor=actor
        )
        return packed(text, signature)

    def _text(self, transaction: Transaction, tenant_id: str, export_id: str) -> bytes:
        wanted = select(DataExportPart).where(DataExportPart.export_id == export_id)
        parts = transaction.tenant(tenant_id).scalars(wanted.order_by(DataExportPart.number))
        return b"".join(self._keyring.decrypt(part.content, part_place(part.id)) for part in parts)

    def _void(self, transaction: Transaction, person: Person) -> None:
        session, now = transaction.tenant(person.tenant_id), self._clock.now()
        old = select(DataExport.id).where(
            DataExport.user_id == person.id, DataExport.taken_at.is_(None)
        )
        ids = [*session.scalars(old)]
        over = update(DataExport).where(DataExport.id.in_(ids), DataExport.expires_at > now)
        session.execute(over.values(expires_at=now).execution_options(synchronize_session=False))
        self._forget(transaction, person.tenant_id, ids)

    def _forget(self, transaction: Transaction, tenant_id: str, ids: list[str]) -> None:
        gone = delete(DataExportPart).where(DataExportPart.export_id.in_(ids))
        transaction.tenant(tenant_id).execute(gone.execution_options(synchronize_session=False))

    def _opened_by(self, person: Person, token: str) -> tuple[ColumnElement[bool], ...]:
        return (
            DataExport.user_id == person.id,
            DataExport.token_hash == fingerprint(token, PURPOSE),
            DataExport.taken_at.is_(None),
            DataExport.expires_at > self._clock.now(),
        )

    def _record(
        self,
        transaction: Transaction,
        kind: EventType,
        person: Person,
        *,
        export_id: str,
        actor: Actor,
    ) -> None:
        resource = f"data_export:{export_id}"
        event = Event(kind, person.tenant_id, actor, subject=person.id, resource=resource)
        self._trail.record(transaction, event)


def part_place(part_id: str) -> Place:
    """Return where a piece of a copy is encrypted for."""
    return Place("data_export_parts", "content", part_id)


def _standing(row: DataExport, job_state: str | None, now: datetime) -> Standing:
    if row.taken_at is not None:
        return Standing.TAKEN
    if row.expires_at is not None:
        return Standing.READY if row.expires_at > now else Standing.LOST
    return Standing.MAKING if job_state in OPEN else Standing.LOST


def _copy(row: DataExport, standing: Standing) -> Copy:
    return Copy(
        id=row.id,
        standing=standing,
        asked_by=row.asked_by,
        created_at=row.created_at,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
        taken_at=row.taken_at,
        parts=row.parts,
    )
