"""/tenants/{tenant_id}/events: what happened in a tenant, and who did it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field
from sqlalchemy import select

from authserver.accounts.models import User
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.admin.rest.paging import MOST, Cursors, Page, PageQuery
from authserver.audit.catalogue import EventType
from authserver.audit.reading import Told, TrailReader, Wanted
from authserver.clients.models import Client
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.core.problems import NotFound
from authserver.roles.catalogue import Permission

_LIST, _EXPORT = "events", "events export"


class EventShown(Shown):
    """An event. Who was erased is null; `private` has what was encrypted: address, browser.

    `actor_name` and `subject_name` are what the tenant calls them now: an address, a client's name.
    """

    id: str
    time: datetime
    type: str
    actor_kind: str
    actor: str | None
    actor_name: str | None
    subject: str | None
    subject_name: str | None
    resource: str | None
    correlation_id: str
    facts: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    private: Mapping[str, str]


class EventPage(Page[EventShown]):
    """A page of events. One may be empty and yet not the last: a filter looks at a stretch."""


class EventsQuery(PageQuery):
    """Which events. `noun` is what a type begins with, before the dot."""

    type: Annotated[EventType | None, Field(strict=False)] = None
    noun: Annotated[str | None, Field(max_length=64)] = None
    actor: Annotated[str | None, Field(max_length=40)] = None
    subject: Annotated[str | None, Field(max_length=40)] = None
    resource: Annotated[str | None, Field(max_length=120)] = None
    correlation_id: Annotated[str | None, Field(max_length=40)] = None
    since: Annotated[AwareDatetime | None, Field(strict=False)] = None
    until: Annotated[AwareDatetime | None, Field(strict=False)] = None

    def wanted(self) -> Wanted:
        """Return the filters as the reader takes them."""
        return Wanted(**self.model_dump(exclude={"limit", "cursor"}))


class Events:
    """Operations on the trail: it is only ever read."""

    def __init__(self, reader: TrailReader, cursors: Cursors) -> None:
        """Take what reads it, and what makes cursors."""
        self._reader = reader
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        every = "/tenants/{tenant_id}/events"
        read, export = Permission.AUDIT_READ, Permission.AUDIT_EXPORT
        return (
            Operation(
                "GET", every, Does.READ, read, self.list_events, "List events, the newest first",
                _LIST, query=EventsQuery, shows=EventPage,
            ),
            Operation(
                "GET", f"{every}/export", Does.READ, export, self.export_events,
                "Take events away: the same, for who may have copies", _LIST,
                query=EventsQuery, shows=EventPage,
            ),
            Operation(
                "GET", f"{every}/{{event_id}}", Does.READ, read, self.read_event,
                "Read an event", _LIST, shows=EventShown,
            ),
        )  # fmt: skip

    def list_events(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page."""
        return self._page(transaction, call, name=_LIST)

    def export_events(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, to be kept."""
        return self._page(transaction, call, name=_EXPORT)

    def read_event(self, transaction: Transaction, call: Call) -> Reply:
        """Return one event."""
        found = self._reader.one(transaction, call.path["tenant_id"], call.path["event_id"])
        if found is None:
            raise NotFound("There is no such event.")
        return Reply(_Shower(transaction, call.path["tenant_id"], [found]).show(found))

    def _page(self, transaction: Transaction, call: Call, *, name: str) -> Reply:
        query: EventsQuery = call.query
        tenant_id = call.path["tenant_id"]
        asked = query.model_dump_json(exclude={"limit", "cursor"})
        scope = (name, call.caller.id, tenant_id, asked)
        before = self._cursors.read(query.cursor, *scope)[0] if query.cursor else None
        found = self._reader.page(
            transaction, tenant_id, query.wanted(), before=before, most=min(query.limit, MOST)
        )
        after = self._cursors.make([found.after], *scope) if found.after else None
        show = _Shower(transaction, tenant_id, found.events).show
        return Reply(EventPage(items=tuple(map(show, found.events)), next_cursor=after))


class _Shower:
    """Shows events with the names of who is in them, looked up together."""

    def __init__(self, transaction: Transaction, tenant_id: str, events: Sequence[Told]) -> None:
        ids = {one for event in events for one in (event.actor, event.subject) if one}
        rows = transaction.tenant(tenant_id)
        self._names: dict[str, str] = {}
        for kind, column in (("usr", User.email), ("cli", Client.name)):
            wanted = [one for one in ids if is_id(one, kind)]
            if wanted:
                self._names |= dict(rows.execute(_named(column.class_, column, wanted)).all())

    def show(self, event: Told) -> EventShown:
        return EventShown(
            **vars(event),
            actor_name=self._names.get(event.actor or ""),
            subject_name=self._names.get(event.subject or ""),
        )


def _named(model: Any, column: Any, ids: Sequence[str]) -> Any:  # noqa: ANN401  a table's class
    return select(model.id, column).where(model.id.in_(ids))
