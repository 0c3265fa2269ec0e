"""Imports are begun, given their rows, started and called off; each is in the trail."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.said import said
from authserver.jobs import service as jobs
from authserver.jobs.service import Jobs
from authserver.jobs.values import Begun, JobView, NewJob, State
from authserver.people.importing.reading import (
    MOST_ROWS,
    Format,
    UnreadableRows,
    checked_columns,
    rows_of,
)
from authserver.roles.catalogue import Permission

KIND = "import_people"


@dataclass(frozen=True)
class NewImport:
    """How rows are written, and who imports them.

    `permissions` are what the importer may do: no role that is given allows more. `dry_run` makes
    no account, and tells which rows would be refused.
    """

    form: Format
    begun: Begun
    columns: Sequence[str] = ()
    permissions: Iterable[Permission] = ()
    dry_run: bool = False


class Imports:
    """Changes of imports. The actor is who began it, or whoever calls it off."""

    def __init__(self, jobs: Jobs, trail: Trail) -> None:
        """Take what keeps jobs, and where imports are recorded."""
        self._jobs = jobs
        self._trail = trail

    def begin(self, transaction: Transaction, tenant_id: str, new: NewImport) -> JobView:
        """Begin an import: its rows come next.

        Raises UnreadableRows for columns of CSV that there are not, or Conflict while another one
        is under way.
        """
        known = checked_columns(new.columns) if new.form is Format.CSV else ()
        settings = {
            "format": new.form.value,
            "columns": list(known),
            "dry_run": new.dry_run,
            "permissions": sorted(new.permissions),
        }
        return self._jobs.open(transaction, tenant_id, NewJob(KIND, new.begun, settings))

    def add(self, transaction: Transaction, job: JobView, number: int, *, text: str) -> JobView:
        """Take the next part of the rows. Raises UnreadableRows, Conflict."""
        rows = rows_of(text, Format(job.settings["format"]), job.settings["columns"])
        if job.total + len(rows) > MOST_ROWS:
            raise UnreadableRows(
                said(
                    "An import has at most %(most_rows)s rows: begin another one.",
                    most_rows=MOST_ROWS,
                )
            )
        return self._jobs.add(transaction, job, number, rows=rows)

    def start(
        self, transaction: Transaction, tenant_id: str, job_id: str, *, actor: Actor
    ) -> JobView:
        """Let it be done. Idempotent. Raises NotFound, Conflict."""
        job = find(transaction, tenant_id, job_id)
        started = self._jobs.start(transaction, tenant_id, job_id)
        if job.state is State.RECEIVING:
            facts = {"rows": started.total, "dry_run": job.settings["dry_run"]}
            self._record(transaction, EventType.IMPORT_STARTED, started, actor=actor, facts=facts)
        return started

    def cancel(
        self, transaction: Transaction, tenant_id: str, job_id: str, *, actor: Actor
    ) -> JobView:
        """Call it off: the accounts that are made stay. Idempotent. Raises NotFound, Conflict."""
        job = find(transaction, tenant_id, job_id)
        over = self._jobs.cancel(transaction, tenant_id, job_id)
        if job.state is not State.CANCELLED:
            facts = {"done": over.done, "rows": over.total}
            self._record(transaction, EventType.IMPORT_CANCELLED, over, actor=actor, facts=facts)
        return over

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        job: JobView,
        *,
        actor: Actor,
        facts: Mapping[str, object],
    ) -> None:
        record = Event(event, job.tenant_id, actor, resource=f"job:{job.id}", facts=facts)
        self._trail.record(transaction, record)


def find(transaction: Transaction, tenant_id: str, job_id: str) -> JobView:
    """Return an import of the tenant. Raises NotFound."""
    return jobs.find(transaction, tenant_id, job_id, kind=KIND)
