"""/tenants/{tenant_id}/trail/exports: the trail taken away, made in the background."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field
from sqlalchemy import select

from authserver.admin.api.imports import begun_by
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.audit.catalogue import EventType
from authserver.audit.reading import Wanted
from authserver.core.database.engine import Database, Transaction
from authserver.core.web import Streamed
from authserver.roles.catalogue import Permission
from authserver.trail_exports.models import TrailExport
from authserver.trail_exports.service import TrailExports
from authserver.trail_exports.values import ENDINGS, MEDIA, Ask, ExportView, Format, Standing

_TAG, _LIST = "events", "trail exports"
_CHECKPOINT = Annotated[int, Field(ge=1, lt=1 << 62)]
_MOST_CHECKPOINTS = 100


class NewTrailExport(Given):
    """What is to be in it; without filters everything.

    `noun` is what types begin with, before the dot. `personal`: with addresses, browsers and what
    else is encrypted, in clear; the trail says that it was asked for so. A `bundle` takes no
    filter: it is all, or what came after the checkpoint `checkpoint`; `checkpoints` are further
    ones to be in it, for comparison with what was kept elsewhere.
    """

    format: Annotated[Format, Field(strict=False)]
    type: Annotated[EventType | None, Field(strict=False)] = None
    noun: Annotated[str | None, Field(max_length=64)] = None
    actor: Annotated[str | None, Field(max_length=40)] = None
    subject: Annotated[str | None, Field(max_length=40)] = None
    resource: Annotated[str | None, Field(max_length=120)] = None
    correlation_id: Annotated[str | None, Field(max_length=40)] = None
    since: Annotated[AwareDatetime | None, Field(strict=False)] = None
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None
    personal: bool = False
    checkpoint: _CHECKPOINT | None = None
    checkpoints: Annotated[list[_CHECKPOINT], Field(max_length=_MOST_CHECKPOINTS)] = Field(
        default_factory=list
    )

    def ask(self) -> Ask:
        """Return it as the service takes it."""
        filters = self.model_dump(exclude={"format", "personal", "checkpoint", "checkpoints"})
        wanted = Wanted(**filters)
        return Ask(self.format, wanted, self.personal, self.checkpoint, tuple(self.checkpoints))


class TrailExportShown(Shown):
    """An export: `done` of `total` events of the trail are behind it, `events` of them in it.

    `standing` is making, ready (until `expires_at`), expired, cancelled, withdrawn (somebody was
    erased who may have been in it) or lost; `size` is in bytes. `failure` says why it is lost.
    """

    id: str
    format: Format
    personal: bool
    filters: Mapping[str, str]
    standing: Standing
    total: int
    done: int
    events: int
    size: int
    failure: str | None
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime


class TrailExportPage(Page[TrailExportShown]):
    """A page of exports."""


class TrailExportsApi:
    """Operations on exports of the trail."""

    def __init__(self, exports: TrailExports, database: Database, cursors: Cursors) -> None:
        """Take what has them made, where they are, and what makes cursors."""
        self._exports = exports
        self._database = database
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        may = Permission.AUDIT_EXPORT
        many = "/tenants/{tenant_id}/trail/exports"
        one = f"{many}/{{export_id}}"
        return (
            Operation(
                "GET", many, Does.READ, may, self.list_trail_exports, "List exports of the trail",
                _TAG, query=PageQuery, shows=TrailExportPage,
            ),
            Operation(
                "POST", many, Does.CREATE, may, self.create_trail_export,
                "Have the trail, or a part of it, written into a file in the background", _TAG,
                body=NewTrailExport, shows=TrailExportShown, sensitive=True,
            ),
            Operation(
                "GET", one, Does.READ, may, self.read_trail_export, "Read how far an export is",
                _TAG, shows=TrailExportShown,
            ),
            Operation(
                "POST", f"{one}/cancel", Does.CHANGE, may, self.cancel_trail_export,
                "Call an export off", _TAG, shows=TrailExportShown,
            ),
            Operation(
                "POST", f"{one}/download", Does.CHANGE, may, self.download_trail_export,
                "Fetch the file of an export", _TAG, gives="application/octet-stream",
            ),
        )  # fmt: skip

    def list_trail_exports(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, the newest first."""
        tenant_id = call.path["tenant_id"]
        rows = Rows(transaction.tenant(tenant_id), select(TrailExport), _LIST, backwards=True)

        def show(row: TrailExport) -> TrailExportShown:
            return _shown(self._exports.view(transaction, row))

        items, after = self._cursors.page(rows, call, by=[TrailExport.id], show=show)
        return Reply(TrailExportPage(items=items, next_cursor=after))

    def create_trail_export(self, transaction: Transaction, call: Call) -> Reply:
        """Have one made."""
        given: NewTrailExport = call.body
        tenant_id, caller = call.path["tenant_id"], call.caller
        made = self._exports.ask(
            transaction, tenant_id, given.ask(), begun=begun_by(caller), actor=caller.actor
        )
        where = f"/tenants/{tenant_id}/trail/exports/{made.id}"
        return Reply(_shown(made), location=where)

    def read_trail_export(self, transaction: Transaction, call: Call) -> Reply:
        """Return how far one is."""
        return Reply(_shown(self._exports.one(transaction, *_place(call))))

    def cancel_trail_export(self, transaction: Transaction, call: Call) -> Reply:
        """Call it off."""
        actor = call.caller.actor
        return Reply(_shown(self._exports.cancel(transaction, *_place(call), actor=actor)))

    def download_trail_export(self, transaction: Transaction, call: Call) -> Reply:
        """Return the file."""
        one = self._exports.take(transaction, *_place(call), actor=call.caller.actor)
        name = f"trail-{one.created_at:%Y%m%d-%H%M}.{ENDINGS[one.format]}"
        pieces = self._exports.pieces(self._database, one)
        return Reply(file=Streamed(name, MEDIA[one.format], one.size, pieces))


def _place(call: Call) -> tuple[str, str]:
    return call.path["tenant_id"], call.path["export_id"]


def _shown(one: ExportView) -> TrailExportShown:
    return TrailExportShown(**{name: getattr(one, name) for name in TrailExportShown.model_fields})
