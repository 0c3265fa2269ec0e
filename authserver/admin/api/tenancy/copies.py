"""/tenants/{tenant_id}/copies: a tenant as an encrypted file, made in the background."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from authserver.admin.api.imports import begun_by
from authserver.admin.reach import NOTHING
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, later
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.audit.events import EventType
from authserver.core.database.engine import Transaction
from authserver.jobs import service as jobs
from authserver.jobs.models import Job
from authserver.jobs.values import JobView, State
from authserver.moving.sealing import LEAST_PASSPHRASE, Key
from authserver.moving.service import EXPORT, LIFE, Copies, find
from authserver.roles.catalogue import Permission

LIST = "copies"
MOST_PASSPHRASE = 200
# Who takes a tenant away takes all of it: whoever may not change a part of it has no copy of it.
EVERYTHING = (
    Permission.USERS_WRITE, Permission.ROLES_WRITE, Permission.ROLES_ASSIGN,
    Permission.CLIENTS_WRITE, Permission.CONNECTIONS_WRITE,
)  # fmt: skip
Passphrase = Annotated[str, Field(min_length=LEAST_PASSPHRASE, max_length=MOST_PASSPHRASE)]


class CopyShown(Shown):
    """A copy: `done` of about `total` rows are in it.

    While `there`, it can be taken: until `expires_at`, in pieces that put together have this `size`
    and this SHA-256. `rows` says how many there are of each table.
    """

    id: str
    state: State
    total: int
    done: int
    there: bool
    size: int | None
    sha256: str | None
    rows: Mapping[str, int]
    failure: str | None
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None


class CopyPage(Page[CopyShown]):
    """A page of copies."""


class NewCopy(Given):
    """The passphrase under which the file is encrypted. It is not kept: without it, it is lost."""

    passphrase: Passphrase


class WantedPiece(Given):
    """Which piece, counted from 1."""

    number: Annotated[int, Field(ge=1, le=100_000)] = 1


class PieceShown(Shown):
    """A piece of the file, in base64."""

    number: int
    of: int
    content: str


class CopyOperations:
    """Operations on copies."""

    def __init__(self, copies: Copies, cursors: Cursors) -> None:
        """Take what makes copies, and what makes cursors."""
        self._copies = copies
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write, all_of_it = Permission.SETTINGS_WRITE, EVERYTHING
        many = "/tenants/{tenant_id}/copies"
        one = many + "/{job_id}"
        return (
            Operation(
                "GET", many, Does.READ, write, self.list_copies, "List copies of a tenant", LIST,
                query=PageQuery, shows=CopyPage, also=all_of_it,
            ),
            Operation(
                "POST", many, Does.CREATE, write, self.create_copy,
                "Have a copy of a tenant made, encrypted", LIST, body=NewCopy, shows=CopyShown,
                sensitive=True, also=all_of_it,
                before=later(lambda call: Key.new(call.body.passphrase)),
            ),
            Operation(
                "GET", one, Does.READ, write, self.read_copy, "Read how far a copy is", LIST,
                shows=CopyShown, also=all_of_it,
            ),
            Operation(
                "POST", f"{one}/pieces", Does.CHANGE, write, self.take_copy,
                "Fetch a piece of a copy", LIST, body=WantedPiece, shows=PieceShown,
                sensitive=True, also=all_of_it,
            ),
            Operation(
                "DELETE", one, Does.CHANGE, write, self.delete_copy,
                "Call a copy off, or delete it", LIST, also=all_of_it,
            ),
        )  # fmt: skip

    def list_copies(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, the newest first."""
        session = transaction.tenant(call.path["tenant_id"])
        rows = Rows(session, jobs.of_kind(EXPORT), LIST, backwards=True)
        items, after = self._cursors.page(
            rows, call, by=[Job.id], show=lambda row: self._shown(transaction, jobs.view(row))
        )
        return Reply(CopyPage(items=items, next_cursor=after))

    def create_copy(self, transaction: Transaction, call: Call) -> Reply:
        """Let a copy be made."""
        caller, tenant_id = call.caller, call.path["tenant_id"]
        job = self._copies.ask(
            transaction, tenant_id, begun_by(caller), key=call.found, by=caller.grantor
        )
        self._record(transaction, call, EventType.TENANT_COPY_REQUESTED, job=job)
        location = f"/tenants/{tenant_id}/copies/{job.id}"
        return Reply(self._shown(transaction, job), location=location)

    def read_copy(self, transaction: Transaction, call: Call) -> Reply:
        """Return how far a copy is."""
        return Reply(self._shown(transaction, _find(transaction, call)))

    def take_copy(self, transaction: Transaction, call: Call) -> Reply:
        """Return a piece; each one stands in the trail."""
        job = _find(transaction, call)
        piece = self._copies.take(transaction, job, call.body.number)
        self._record(
            transaction,
            call,
            EventType.TENANT_COPY_TAKEN,
            job=job,
            facts={"piece": piece.number, "of": piece.of},
        )
        content = b64encode(piece.content).decode()
        return Reply(PieceShown(number=piece.number, of=piece.of, content=content))

    def delete_copy(self, transaction: Transaction, call: Call) -> Reply:
        """Call it off, or delete what was made."""
        job = _find(transaction, call)
        self._copies.delete(transaction, job)
        self._record(transaction, call, EventType.TENANT_COPY_DELETED, job=job)
        return Reply()

    def _record(
        self,
        transaction: Transaction,
        call: Call,
        kind: EventType,
        *,
        job: JobView,
        facts: Mapping[str, object] = NOTHING,
    ) -> None:
        self._copies.record(transaction, kind, job, actor=call.caller.actor, facts=facts)

    def _shown(self, transaction: Transaction, job: JobView) -> CopyShown:
        made: Mapping[str, Any] = job.result or {}
        there = self._copies.is_there(transaction, job)
        return CopyShown(
            id=job.id,
            state=job.state,
            total=job.total,
            done=job.done,
            there=there,
            size=made.get("size"),
            sha256=made.get("sha256"),
            rows=made.get("rows", {}),
            failure=job.failure,
            created_at=job.created_at,
            ended_at=job.ended_at,
            expires_at=job.ended_at + LIFE if there and job.ended_at else None,
        )


def _find(transaction: Transaction, call: Call) -> JobView:
    return find(transaction, call.path["tenant_id"], call.path["job_id"], kind=EXPORT)
