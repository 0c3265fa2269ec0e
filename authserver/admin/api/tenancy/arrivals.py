"""/tenant-copies: tenants of other installations, handed over as files, made in the background."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any

from pydantic import Field

from authserver.admin.api.imports import begun_by
from authserver.admin.api.tenancy.copies import MOST_PASSPHRASE
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where, later
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.audit.events import EventType
from authserver.core.database.engine import Transaction
from authserver.core.web import MalformedRequest
from authserver.jobs import service as jobs
from authserver.jobs.models import Job
from authserver.jobs.values import JobView, State
from authserver.moving.sealing import Key, lines
from authserver.moving.service import IMPORT, Arrivals, Copies, HandedOver, find
from authserver.roles.catalogue import Permission

LARGEST = 16 * 1024 * 1024  # bytes of the file: it becomes a tenant in one transaction
_IN_BASE64 = LARGEST * 4 // 3 + 4
_TAG = "tenants"


class ArrivalShown(Shown):
    """A copy that was handed over. Once it is done, `tenant_id` and `rows` say what was made."""

    id: str
    slug: str
    state: State
    tenant_id: str | None
    rows: Mapping[str, int]
    failure: str | None
    created_at: datetime
    ended_at: datetime | None


class ArrivalPage(Page[ArrivalShown]):
    """A page of copies that were handed over."""


class NewArrival(Given):
    """A copy of a tenant, in base64, and its passphrase. Another `slug` where its own is taken."""

    file: Annotated[str, Field(min_length=1, max_length=_IN_BASE64)]
    passphrase: Annotated[str, Field(min_length=1, max_length=MOST_PASSPHRASE)]
    slug: Annotated[str | None, Field(max_length=63)] = None


class ArrivalOperations:
    """Operations on tenants that come."""

    def __init__(self, arrivals: Arrivals, copies: Copies, cursors: Cursors) -> None:
        """Take what lets tenants in, what records it, and what makes cursors."""
        self._arrivals = arrivals
        self._copies = copies
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write, everywhere = Permission.TENANTS_WRITE, Where.PLATFORM
        return (
            Operation(
                "GET", "/tenant-copies", Does.READ, write, self.list_arrivals,
                "List copies of tenants that were handed over", _TAG, everywhere,
                query=PageQuery, shows=ArrivalPage,
            ),
            Operation(
                "POST", "/tenant-copies", Does.CREATE, write, self.create_arrival,
                "Hand a copy over, to make a tenant of it", _TAG, everywhere, body=NewArrival,
                shows=ArrivalShown, sensitive=True, before=later(_opened),
                largest=_IN_BASE64 + 1024,
            ),
            Operation(
                "GET", "/tenant-copies/{job_id}", Does.READ, write, self.read_arrival,
                "Read what became of a copy", _TAG, everywhere, shows=ArrivalShown,
            ),
        )  # fmt: skip

    def list_arrivals(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of those of the caller's own tenant, the newest first."""
        session = transaction.tenant(call.caller.tenant_id)
        rows = Rows(session, jobs.of_kind(IMPORT), "arrivals", backwards=True)
        items, after = self._cursors.page(
            rows, call, by=[Job.id], show=lambda row: _shown(jobs.view(row))
        )
        return Reply(ArrivalPage(items=items, next_cursor=after))

    def create_arrival(self, transaction: Transaction, call: Call) -> Reply:
        """Let a tenant be made of a copy."""
        caller, given = call.caller, call.body
        job = self._arrivals.begin(
            transaction, begun_by(caller), call.found, slug=given.slug, by=caller.grantor
        )
        self._copies.record(
            transaction,
            EventType.TENANT_COPY_HANDED_OVER,
            job,
            actor=caller.actor,
            facts={"slug": job.settings["slug"]},
        )
        return Reply(_shown(job), location=f"/tenant-copies/{job.id}")

    def read_arrival(self, transaction: Transaction, call: Call) -> Reply:
        """Return what became of a copy."""
        job = find(transaction, call.caller.tenant_id, call.path["job_id"], kind=IMPORT)
        return Reply(_shown(job))


def _opened(call: Call) -> HandedOver:
    """Return the copy with its key, once its beginning opened. Raises UnfitCopy."""
    try:
        file = b64decode(call.body.file, validate=True)
    except (ValueError, Base64Error) as error:
        raise MalformedRequest("the file is not base64") from error
    key = Key.of(BytesIO(file), call.body.passphrase)
    return HandedOver(key, next(lines(BytesIO(file), key), b""), file)


def _shown(job: JobView) -> ArrivalShown:
    made: Mapping[str, Any] = job.result or {}
    return ArrivalShown(
        id=job.id,
        slug=job.settings["slug"],
        state=job.state,
        tenant_id=made.get("tenant_id"),
        rows=made.get("rows", {}),
        failure=job.failure,
        created_at=job.created_at,
        ended_at=job.ended_at,
    )
