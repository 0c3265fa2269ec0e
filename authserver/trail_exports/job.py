"""The making of a file in the background: a piece with each step."""

from sqlalchemy import select

from authserver.audit.sequencing.kept import MissingError
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import NotFound, Problem
from authserver.jobs.values import JobView, Step
from authserver.trail_exports import packing
from authserver.trail_exports.models import TrailExport, TrailExportPart
from authserver.trail_exports.service import Kept, part_place
from authserver.trail_exports.sources import Sources
from authserver.trail_exports.values import KIND, LIFE, Format
from authserver.trail_exports.writing import Piece, So


class TrailIsChanged(Problem):
    """What the trail says can not be proved any more; `audit verify` says where."""

    code = "trail_is_inconsistent"
    title = "The trail was changed, and cannot be proved"


class ExportTrail:
    """Makes files."""

    kind = KIND

    def __init__(self, sources: Sources, kept: Kept) -> None:
        """Take what writes, and what they are kept with."""
        self._sources = sources
        self._kept = kept

    def step(self, transaction: Transaction, job: JobView) -> Step:
        """Write the next piece. Raises NotFound once it is not wanted, and TrailIsChanged."""
        wanted = select(TrailExport).where(TrailExport.id == job.settings["export_id"])
        row = transaction.tenant(job.tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("The export is not wanted any more.")
        source = self._sources.stored(
            job.tenant_id, row.asked, Format(row.format), opened=row.personal, total=job.total
        )
        so = So(row.place, row.events, row.tombstones)
        try:
            piece = source.piece(transaction, so, begun=row.parts > 0 or row.place is not None)
        except MissingError as error:
            raise TrailIsChanged(detail=f"{error}") from error
        self._add(transaction, row, piece)
        return Step(rows=min(piece.passed, job.total - job.done), finished=piece.last)

    def _add(self, transaction: Transaction, row: TrailExport, piece: Piece) -> None:
        session, now = transaction.tenant(row.tenant_id), self._kept.clock.now()
        if piece.text:
            content = packing.packed(piece.text)
            total = packing.Sum(row.crc, row.size).with_piece(piece.text)
            row.crc, row.size = total.crc, total.size
            row.packed += len(content)
            row.parts += 1
            session.add(self._part(row, content))
        row.place = piece.now.place
        row.events, row.tombstones = piece.now.events, piece.now.tombstones
        if piece.last:
            row.ready_at, row.expires_at = now, now + LIFE
        session.flush()

    def _part(self, row: TrailExport, content: bytes) -> TrailExportPart:
        part_id = new_id("txp")
        sealed = self._kept.keyring.encrypt(content, part_place(part_id))
        return TrailExportPart(id=part_id, export_id=row.id, number=row.parts, content=sealed)
