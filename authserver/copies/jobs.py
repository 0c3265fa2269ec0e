"""The work of copies in the background: a tenant into pieces of a file, a file into a tenant."""

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import cast

from authserver.audit.events import Actor
from authserver.copies.reading import Arrival, CopyReader
from authserver.copies.writing import CopyWriter
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Refused
from authserver.invitations.inviters import Outside, outside_now
from authserver.jobs.values import JobView, Note, Step
from authserver.moving.models import TenantCopyPart
from authserver.moving.sealing import Writer, lines
from authserver.moving.service import EXPORT, IMPORT, Arrivals, Copies, forget
from authserver.roles.catalogue import Permission
from authserver.roles.policy import Grantor
from authserver.roles.service import RoleService

PIECE = 2 * 1024 * 1024  # bytes of a piece that is taken
_AT_ONCE = 1000  # rows between two notes: the job stays ours, and people see how far it is


class ExportTenant:
    """Makes copies."""

    kind = EXPORT

    def __init__(self, database: Database, writer: CopyWriter, copies: Copies) -> None:
        """Take where tenants are, what writes, and what knows the key."""
        self._database = database
        self._writer = writer
        self._copies = copies

    def work(self, job: JobView, note: Note) -> None:
        """Write the copy piece by piece. Raises NotFound where it is not wanted any more."""
        counts: Counter[str] = Counter()
        with self._database.read() as view:
            file = _Pieces()
            writer = Writer(cast("BytesIO", file), self._copies.key_of(view, job))
            total = self._writer.count(view, job.tenant_id)
            note(lambda transaction, now: _afresh(transaction, now, total))
            for table in self._writer.pour(view, job.tenant_id, writer):
                counts[table] += 1
                if counts.total() % _AT_ONCE == 0:
                    note(file.keep(_AT_ONCE))
        writer.close()
        note(file.keep(counts.total() % _AT_ONCE, everything=True))
        told = self._writer.told(job.tenant_id, counts, actor=job.begun.actor)
        result = {"rows": dict(counts), "size": file.size, "sha256": file.digest.hexdigest()}

        def end(transaction: Transaction, _job: JobView) -> Step:
            told(transaction)
            return Step(finished=True, result=result)

        note(end)


class _Pieces:
    """A file that is kept piece by piece."""

    def __init__(self) -> None:
        self.digest, self.size = sha256(), 0
        self._buffer, self._number = bytearray(), 0

    def write(self, data: bytes) -> None:
        """Take what is written."""
        self.digest.update(data)
        self.size += len(data)
        self._buffer += data

    def keep(
        self, rows: int, *, everything: bool = False
    ) -> Callable[[Transaction, JobView], Step]:
        """Return what stores the pieces that are whole, or all that is there."""
        ready = []
        while len(self._buffer) >= PIECE or (everything and self._buffer):
            ready.append(bytes(self._buffer[:PIECE]))
            del self._buffer[:PIECE]
        first = self._number + 1
        self._number += len(ready)

        def does(transaction: Transaction, job: JobView) -> Step:
            session = transaction.tenant(job.tenant_id)
            for number, content in enumerate(ready, first):
                part = TenantCopyPart(
                    id=new_id("tcp"), job_id=job.id, number=number, content=content
                )
                session.add(part)
            session.flush()
            return Step(rows)

        return does


def _afresh(transaction: Transaction, job: JobView, total: int) -> Step:
    """Forget what an earlier try had made."""
    forget(transaction, job)
    return Step(-job.done, total=total)


class ImportTenant:
    """Makes tenants of copies, each in one transaction."""

    kind = IMPORT

    def __init__(
        self,
        database: Database,
        reader: CopyReader,
        arrivals: Arrivals,
        *,
        roles: RoleService,
        changed: Callable[[], None],
    ) -> None:
        """Take where tenants are, what reads copies, whose rights count, and who is told."""
        self._database = database
        self._reader = reader
        self._arrivals = arrivals
        self._roles = roles
        self._changed = changed

    def work(self, job: JobView, note: Note) -> None:
        """Make the tenant. Raises UnfitCopy, and NotFound where it is not wanted any more."""
        with self._database.read() as view:
            key, file = self._arrivals.handed_over(view, job)
        total = sum(1 for _ in lines(BytesIO(file), key)) - 1  # all of it, before anything is made

        def make(transaction: Transaction, now: JobView) -> Step:
            arrival = Arrival(job.settings["slug"], self._by(job), self._grantor(transaction, job))
            done = self._reader.made(transaction, lines(BytesIO(file), key), arrival)
            result = {"tenant_id": done.tenant_id, "slug": done.slug, "rows": dict(done.counts)}
            return Step(total - now.done, finished=True, result=result, total=total)

        note(make)
        self._changed()

    def _by(self, job: JobView) -> Callable[[str], Actor]:
        return lambda _tenant_id: job.begun.actor

    def _grantor(self, transaction: Transaction, job: JobView) -> Grantor:
        """Return who handed the copy over, as they are now. Raises Refused, NotFound."""
        begun = job.begun
        who = Outside(begun.id, begun.tenant_id)
        now = outside_now(transaction, job.tenant_id, who, roles=self._roles).inviter
        limit = set(job.settings["permissions"])
        allowed = frozenset(one for one in now.permissions if one in limit)
        if not now.enabled or Permission.TENANTS_WRITE not in allowed:
            raise Refused("Who imports a tenant must be allowed to create tenants.")
        return Grantor(now.user_id, allowed)
