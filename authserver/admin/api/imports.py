"""/tenants/{tenant_id}/imports: many people at once, from CSV or JSON lines, in the background."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from authserver.admin.caller import Caller
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.core.database.engine import Transaction
from authserver.jobs import service as jobs
from authserver.jobs.models import Job, JobRefusal
from authserver.jobs.values import Begun, JobView, State
from authserver.people.importing.reading import COLUMNS, Format
from authserver.people.importing.service import KIND, Imports, NewImport, find
from authserver.roles.catalogue import Permission

_LIST = "imports"


class ImportShown(Shown):
    """An import. `done` of `total` rows are behind it, and `refused` of them made no account."""

    id: str
    state: State
    format: Format
    dry_run: bool
    total: int
    done: int
    refused: int
    failure: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class ImportPage(Page[ImportShown]):
    """A page of imports."""


class RefusalShown(Shown):
    """A row that made no account: its number in the file from 1, the field, and why."""

    number: int
    field: str
    code: str


class RefusalPage(Page[RefusalShown]):
    """A page of refused rows."""


class NewImportGiven(Given):
    """How the rows are written. `columns` are the header's, for CSV.

    `dry_run` makes no account, and tells which rows would be refused.
    """

    format: Annotated[Format, Field(strict=False)]
    columns: Annotated[
        list[Annotated[str, Field(max_length=40)]], Field(max_length=len(COLUMNS))
    ] = Field(default_factory=list)
    dry_run: bool = False


class Part(Given):
    """Some whole rows. Parts are counted from 1; one that comes again is taken once."""

    number: Annotated[int, Field(ge=1, le=100_000)]
    text: Annotated[str, Field(max_length=60_000)]


class ImportsApi:
    """Operations on imports."""

    def __init__(self, imports: Imports, cursors: Cursors) -> None:
        """Take what changes them, and what makes cursors."""
        self._imports = imports
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.USERS_READ, Permission.USERS_WRITE
        many = "/tenants/{tenant_id}/imports"
        one = many + "/{job_id}"
        return (
            Operation(
                "GET", many, Does.READ, read, self.list_imports, "List imports of people", _LIST,
                query=PageQuery, shows=ImportPage,
            ),
            Operation(
                "POST", many, Does.CREATE, write, self.create_import, "Begin an import of people",
                _LIST, body=NewImportGiven, shows=ImportShown,
            ),
            Operation(
                "GET", one, Does.READ, read, self.read_import, "Read how far an import is", _LIST,
                shows=ImportShown,
            ),
            Operation(
                "POST", f"{one}/parts", Does.CHANGE, write, self.add_part,
                "Send the next rows of an import", _LIST, body=Part, shows=ImportShown,
            ),
            Operation(
                "POST", f"{one}/start", Does.CHANGE, write, self.start_import,
                "Start an import whose rows are all there", _LIST, shows=ImportShown,
            ),
            Operation(
                "POST", f"{one}/cancel", Does.CHANGE, write, self.cancel_import,
                "Call an import off; what is done stays", _LIST, shows=ImportShown,
            ),
            Operation(
                "GET", f"{one}/refusals", Does.READ, read, self.list_refusals,
                "List the rows that an import refused", _LIST, query=PageQuery, shows=RefusalPage,
            ),
        )  # fmt: skip

    def list_imports(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, the newest first."""
        rows = Rows(
            transaction.tenant(call.path["tenant_id"]), jobs.of_kind(KIND), _LIST, backwards=True
        )
        items, after = self._cursors.page(
            rows, call, by=[Job.id], show=lambda row: _shown(jobs.view(row))
        )
        return Reply(ImportPage(items=items, next_cursor=after))

    def create_import(self, transaction: Transaction, call: Call) -> Reply:
        """Begin an import."""
        given: NewImportGiven = call.body
        new = NewImport(
            given.format,
            begun_by(call.caller),
            given.columns,
            call.caller.permissions,
            dry_run=given.dry_run,
        )
        tenant_id = call.path["tenant_id"]
        job = self._imports.begin(transaction, tenant_id, new)
        return Reply(_shown(job), location=f"/tenants/{tenant_id}/imports/{job.id}")

    def read_import(self, transaction: Transaction, call: Call) -> Reply:
        """Return how far an import is."""
        return Reply(_shown(_find(transaction, call)))

    def add_part(self, transaction: Transaction, call: Call) -> Reply:
        """Take some rows."""
        part: Part = call.body
        job = _find(transaction, call)
        return Reply(_shown(self._imports.add(transaction, job, part.number, text=part.text)))

    def start_import(self, transaction: Transaction, call: Call) -> Reply:
        """Let workers begin."""
        actor = call.caller.actor
        job = self._imports.start(transaction, *_place(call), actor=actor)
        return Reply(_shown(job))

    def cancel_import(self, transaction: Transaction, call: Call) -> Reply:
        """Call it off."""
        actor = call.caller.actor
        job = self._imports.cancel(transaction, *_place(call), actor=actor)
        return Reply(_shown(job))

    def list_refusals(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of refused rows, in their order."""
        job = _find(transaction, call)
        rows = Rows(transaction.tenant(job.tenant_id), jobs.refusals_of(job.id), "refusals")
        items, after = self._cursors.page(rows, call, by=[JobRefusal.id], show=_refusal)
        return Reply(RefusalPage(items=items, next_cursor=after))


def begun_by(caller: Caller) -> Begun:
    """Return who begins a job, for later."""
    return Begun(caller.kind, caller.id, caller.tenant_id, caller.actor.correlation_id)


def _place(call: Call) -> tuple[str, str]:
    return call.path["tenant_id"], call.path["job_id"]


def _find(transaction: Transaction, call: Call) -> JobView:
    return find(transaction, *_place(call))


def _refusal(row: JobRefusal) -> RefusalShown:
    return RefusalShown(number=row.number, field=row.field, code=row.code)


def _shown(job: JobView) -> ImportShown:
    return ImportShown(
        id=job.id,
        state=job.state,
        format=Format(job.settings["format"]),
        dry_run=bool(job.settings["dry_run"]),
        total=job.total,
        done=job.done,
        refused=job.refused,
        failure=job.failure,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )
