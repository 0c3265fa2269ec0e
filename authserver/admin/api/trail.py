"""/tenants/{tenant_id}/events: what happened in a tenant, and who did it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from authserver.accounts.service import find_by_email
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.admin.rest.paging import MOST, Cursors, Page, PageQuery
from authserver.audit.catalogue import EventType
from authserver.audit.events import Event
from authserver.audit.reading import Told, TrailReader, Wanted
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.core.problems import NotFound
from authserver.roles.catalogue import Permission
from authserver.trail_exports.naming import names_of, object_of

_LIST = "events"
_PRINCIPALS = ("usr", "cli", "ten", "idp")


class EventShown(Shown):
    """An event. Who was erased is null.

    `sealed` names what is encrypted: address, browser. `private` has it where the event was opened,
    which is an event of its own.

    `actor_name`, `subject_name` and `resource_name` are what the tenant calls them now: an address,
    the name of a client, or its own.
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
    resource_name: str | None
    correlation_id: str
    facts: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    sealed: Sequence[str]
    private: Mapping[str, str]


class EventPage(Page[EventShown]):
    """A page of events. One may be empty and yet not the last: a filter looks at a stretch."""


class EventsQuery(PageQuery):
    """Which events. `noun` is what a type begins with, before the dot.

    `q` is what people have at hand: an address or an id of who did it or whom it is about, an
    object (`client:cli_...`), or a reference (`correlation_id`).
    """

    q: Annotated[str | None, Field(max_length=254)] = None

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
        return Wanted(**self.model_dump(exclude={"limit", "cursor", "q"}))


class Events:
    """Operations on the trail: it is only ever read."""

    def __init__(self, reader: TrailReader, trail: Trail, cursors: Cursors) -> None:
        """Take what reads it, where openings are recorded, and what makes cursors."""
        self._reader = reader
        self._trail = trail
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        every = "/tenants/{tenant_id}/events"
        read = Permission.AUDIT_READ
        return (
            Operation(
                "GET", every, Does.READ, read, self.list_events, "List events, the newest first",
                _LIST, query=EventsQuery, shows=EventPage,
            ),
            Operation(
                "GET", f"{every}/{{event_id}}", Does.READ, read, self.read_event,
                "Read an event", _LIST, shows=EventShown,
            ),
            Operation(
                "POST", f"{every}/{{event_id}}/open", Does.CHANGE, read, self.open_event,
                "Read an event with what it says of people; the trail says who did", _LIST,
                shows=EventShown,
            ),
        )  # fmt: skip

    def list_events(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page."""
        query: EventsQuery = call.query
        tenant_id = call.path["tenant_id"]
        asked = query.model_dump_json(exclude={"limit", "cursor"})
        scope = (_LIST, call.caller.id, tenant_id, asked)
        before = self._cursors.read(query.cursor, *scope)[0] if query.cursor else None
        wanted = query.wanted()
        if query.q:
            wanted = searched(transaction, tenant_id, wanted, text=query.q.strip())
        found = self._reader.page(
            transaction, tenant_id, wanted, before=before, most=min(query.limit, MOST)
        )
        after = self._cursors.make([found.after], *scope) if found.after else None
        items = shown(transaction, tenant_id, found.events)
        return Reply(EventPage(items=tuple(items), next_cursor=after))

    def read_event(self, transaction: Transaction, call: Call) -> Reply:
        """Return one event."""
        return Reply(self._one(transaction, call, opened=False))

    def open_event(self, transaction: Transaction, call: Call) -> Reply:
        """Return one event, opened, and record who saw it: of what, never what it said."""
        found = self._one(transaction, call, opened=True)
        if found.private:
            facts = {"event": found.id, "type": found.type, "names": sorted(found.private)}
            event = Event(
                EventType.TRAIL_PERSONAL_READ,
                call.path["tenant_id"],
                call.caller.actor,
                subject=found.subject,
                resource=f"event:{found.id}",
                facts=facts,
            )
            self._trail.record(transaction, event)
        return Reply(found)

    def _one(self, transaction: Transaction, call: Call, *, opened: bool) -> EventShown:
        tenant_id, event_id = call.path["tenant_id"], call.path["event_id"]
        found = self._reader.one(transaction, tenant_id, event_id, opened=opened)
        if found is None:
            raise NotFound("There is no such event.")
        return shown(transaction, tenant_id, [found])[0]


def searched(transaction: Transaction, tenant_id: str, wanted: Wanted, *, text: str) -> Wanted:
    """Return what is wanted, with what people search for."""
    if "@" in text:
        found = find_by_email(transaction, tenant_id, text)
        return replace(wanted, anybody=found.id if found else text)
    if ":" in text:
        return replace(wanted, resource=text)
    if any(is_id(text, kind) for kind in _PRINCIPALS):
        return replace(wanted, anybody=text)
    return replace(wanted, correlation_id=text)


def shown(transaction: Transaction, tenant_id: str, events: Sequence[Told]) -> list[EventShown]:
    """Return events with the names of who is in them."""
    names = names_of(transaction, tenant_id, events)
    return [
        EventShown(
            **vars(event),
            actor_name=names.get(event.actor or ""),
            subject_name=names.get(event.subject or ""),
            resource_name=names.get(object_of(event) or ""),
        )
        for event in events
    ]
