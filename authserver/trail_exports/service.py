"""Exports are asked for, called off and fetched; each of it is an event of the trail itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.jobs.models import Job
from authserver.jobs.service import Jobs
from authserver.jobs.service import view as job_view
from authserver.jobs.values import Begun, NewJob, State
from authserver.trail_exports import packing
from authserver.trail_exports.models import TrailExport, TrailExportPart
from authserver.trail_exports.sources import Sources
from authserver.trail_exports.values import (
    KIND,
    LIFE,
    Ask,
    ExportView,
    Format,
    Standing,
    standing_of,
)

RESOURCE = "trail_export"


@dataclass(frozen=True)
class Kept:
    """What files are kept with: what encrypts them, and the time."""

    keyring: Keyring
    clock: Clock


class TrailExports:
    """Asks for files and gives them out."""

    def __init__(self, jobs: Jobs, sources: Sources, *, trail: Trail, kept: Kept) -> None:
        """Take what makes them, and the trail."""
        self._jobs = jobs
        self._sources = sources
        self._trail = trail
        self._kept = kept

    def ask(
        self, transaction: Transaction, tenant_id: str, ask: Ask, *, begun: Begun, actor: Actor
    ) -> ExportView:
        """Let a file be made.

        Raises UnfitExport, Refused where no checkpoint covers the trail yet, and Conflict while
        another file of the tenant's is being made.
        """
        source, asked = self._sources.asked(transaction, tenant_id, ask)
        export_id, now = new_id("tex"), self._kept.clock.now()
        settings = {"export_id": export_id}
        new = NewJob(KIND, begun, settings, State.WAITING, total=source.total)
        job = self._jobs.open(transaction, tenant_id, new)
        row = TrailExport(
            id=export_id,
            job_id=job.id,
            format=ask.format.value,
            personal=ask.personal,
            asked=asked,
            created_at=now,
            # Until it is ready; then anew.
            expires_at=now + 7 * LIFE,
            **dict.fromkeys(("parts", "events", "tombstones", "size", "packed", "crc"), 0),
        )
        session = transaction.tenant(tenant_id)
        session.add(row)
        session.flush()
        facts = {"format": ask.format.value, "personal": ask.personal, **asked}
        self._record(transaction, EventType.TRAIL_EXPORT_REQUESTED, row, actor=actor, facts=facts)
        return self.one(transaction, tenant_id, export_id)

    def one(self, transaction: Transaction, tenant_id: str, export_id: str) -> ExportView:
        """Return a file as it is now. Raises NotFound."""
        return self.view(transaction, self._row(transaction, tenant_id, export_id))

    def cancel(
        self, transaction: Transaction, tenant_id: str, export_id: str, *, actor: Actor
    ) -> ExportView:
        """Call a file off; what there is of it goes. Idempotent. Raises NotFound, Conflict."""
        row = self._row(transaction, tenant_id, export_id)
        before = self.one(transaction, tenant_id, export_id)
        if before.standing is Standing.MAKING:
            self._jobs.cancel(transaction, tenant_id, before.job_id)
            forget_parts(transaction, tenant_id, export_id)
            facts = {"done": before.done, "total": before.total}
            kind = EventType.TRAIL_EXPORT_CANCELLED
            self._record(transaction, kind, row, actor=actor, facts=facts)
        elif before.standing is not Standing.CANCELLED:
            raise Conflict("It is over already.")
        return self.one(transaction, tenant_id, export_id)

    def take(
        self, transaction: Transaction, tenant_id: str, export_id: str, *, actor: Actor
    ) -> ExportView:
        """Note that a file is fetched: `pieces` gives it. Raises NotFound once it is not there."""
        one = self.one(transaction, tenant_id, export_id)
        if one.standing is not Standing.READY:
            raise NotFound("The file is not there yet, or not any more.", detail=one.standing)
        row = self._row(transaction, tenant_id, export_id)
        facts = {"format": row.format, "personal": row.personal, "events": row.events}
        if "plan" in row.asked:
            first, last, *checkpoints = _numbers(row.asked["plan"])
            facts |= {"first": first, "last": last, "checkpoint": checkpoints[-1]}
        self._record(transaction, EventType.TRAIL_EXPORTED, row, actor=actor, facts=facts)
        return one

    def pieces(self, database: Database, one: ExportView) -> Iterator[bytes]:
        """Give a file that is ready, part by part: a bundle compressed, the others as they are."""
        bundle = one.format is Format.BUNDLE
        with database.read() as view:
            row = self._row(view, one.tenant_id, one.id)
            parts, total = row.parts, packing.Sum(row.crc, row.size)
        if bundle:
            yield packing.HEADER
        for number in range(1, parts + 1):
            with database.read() as view:
                piece = self._part(view, one, number)
            yield piece if bundle else packing.unpacked(piece)
        if bundle:
            yield packing.ending(total)

    def _part(self, transaction: Transaction, one: ExportView, number: int) -> bytes:
        wanted = select(TrailExportPart).where(
            TrailExportPart.export_id == one.id, TrailExportPart.number == number
        )
        part = transaction.tenant(one.tenant_id).scalars(wanted).one()
        return self._kept.keyring.decrypt(part.content, part_place(part.id))

    def view(self, transaction: Transaction, row: TrailExport) -> ExportView:
        """Return a file as it is now."""
        wanted = select(Job).where(Job.id == row.job_id)
        fresh = wanted.execution_options(populate_existing=True)
        found = transaction.tenant(row.tenant_id).scalar(fresh)
        job = job_view(found) if found else None
        form, filters = Format(row.format), row.asked.get("filters")
        standing = standing_of(row.ready_at, row.expires_at, job, now=self._kept.clock.now())
        return ExportView(
            id=row.id,
            tenant_id=row.tenant_id,
            job_id=row.job_id,
            format=form,
            personal=row.personal,
            standing=standing,
            filters=filters if isinstance(filters, Mapping) else {},
            total=job.total if job else row.events,
            done=job.done if job else row.events,
            events=row.events + row.tombstones,
            size=row.packed + packing.AROUND if form is Format.BUNDLE else row.size,
            failure=job.failure if job else None,
            created_at=row.created_at,
            ready_at=row.ready_at,
            expires_at=row.expires_at,
        )

    def _row(self, transaction: Transaction, tenant_id: str, export_id: str) -> TrailExport:
        wanted = select(TrailExport).where(TrailExport.id == export_id)
        row = transaction.tenant(tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("There is no such export.", detail=tenant_id)
        return row

    def _record(
        self,
        transaction: Transaction,
        kind: EventType,
        row: TrailExport,
        *,
        actor: Actor,
        facts: Mapping[str, object],
    ) -> None:
        resource = f"{RESOURCE}:{row.id}"
        event = Event(kind, row.tenant_id, actor, resource=resource, facts=facts)
        self._trail.record(transaction, event)


def forget_parts(transaction: Transaction, tenant_id: str, export_id: str) -> None:
    """Delete what there is of a file."""
    gone = delete(TrailExportPart).where(TrailExportPart.export_id == export_id)
    transaction.tenant(tenant_id).execute(gone.execution_options(synchronize_session=False))


def part_place(part_id: str) -> Place:
    """Return where a piece of a file is encrypted for."""
    return Place("trail_export_parts", "content", part_id)


def _numbers(value: Any) -> list[int]:  # noqa: ANN401  JSON
    return [int(one) for one in value]
