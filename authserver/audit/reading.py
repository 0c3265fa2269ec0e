"""The trail, read: the newest first, with what it says of people as long as they are not erased.

A tenant's events are found by their ids, which are in the order of time; every further index would
be paid for by every event. So a filter looks at a stretch of the trail at a time: what it finds
there, and where to go on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, or_, select

from authserver.audit.catalogue import EventType
from authserver.audit.models import EMPTY, AuditEvent, AuditSubject
from authserver.audit.subjects import Subjects
from authserver.core.database.engine import Transaction

STRETCH = 20_000


@dataclass(frozen=True)
class Wanted:
    """Which events. `noun` is what types begin with, before the dot.

    `anybody` is who did it or whom it is about.
    """

    type: EventType | None = None
    noun: str | None = None
    anybody: str | None = None
    actor: str | None = None
    subject: str | None = None
    resource: str | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Told:
    """An event as it is read. A principal that was erased is None, and so is what was said of it.

    `sealed` names what is encrypted and can still be read: the address, the browser, and what else
    is personal. `private` has it in clear where it was asked for so.
    """

    id: str
    time: datetime
    type: str
    actor_kind: str
    actor: str | None
    subject: str | None
    resource: str | None
    correlation_id: str
    facts: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    sealed: tuple[str, ...]
    private: Mapping[str, str]


@dataclass(frozen=True)
class Stretch:
    """What was found, and the id to go on after: None at the beginning of the trail."""

    events: tuple[Told, ...]
    after: str | None


class TrailReader:
    """Reads what `Trail` has written."""

    def __init__(self, subjects: Subjects) -> None:
        """Take what knows references and keys."""
        self._subjects = subjects

    def page(
        self,
        transaction: Transaction,
        tenant_id: str,
        wanted: Wanted,
        *,
        before: str | None = None,
        most: int,
        opened: bool = False,
    ) -> Stretch:
        """Return at most so many events, older than `before`.

        Whoever lets people see what is `opened` records that they did.
        """
        trail = transaction.tenant(tenant_id)
        conditions = self._conditions(transaction, tenant_id, wanted)
        if conditions is None:
            return Stretch((), None)
        older = [AuditEvent.id < before] if before else []
        newest = select(AuditEvent.id).where(*older).order_by(AuditEvent.id.desc())
        # What happened to a person has an index of its own: however long ago, it is found at once.
        scans = conditions and wanted.subject is None
        floor = trail.scalar(newest.offset(STRETCH - 1).limit(1)) if scans else None
        within = [*older, AuditEvent.id >= floor] if floor else older
        conditions = [*conditions, AuditEvent.body != EMPTY]
        query = select(AuditEvent).where(*within, *conditions).order_by(AuditEvent.id.desc())
        rows = [*trail.scalars(query.limit(most + 1))]
        more = len(rows) > most
        rows = rows[:most]
        events = tuple(self._told(transaction, tenant_id, rows, opened=opened))
        return Stretch(events, rows[-1].id if more else floor)

    def one(
        self, transaction: Transaction, tenant_id: str, event_id: str, *, opened: bool = False
    ) -> Told | None:
        """Return one event; None where it is none, or says nothing any more."""
        row = transaction.tenant(tenant_id).get(AuditEvent, event_id)
        if row is None or row.body == EMPTY:
            return None
        return next(self._told(transaction, tenant_id, [row], opened=opened))

    def _conditions(
        self, transaction: Transaction, tenant_id: str, wanted: Wanted
    ) -> list[ColumnElement[bool]] | None:
        """Return what events have to be; None where there can be none."""
        found: list[ColumnElement[bool]] = []
        actor, subject = AuditEvent.actor_ref, AuditEvent.subject_ref
        for principal, columns in (
            (wanted.anybody, (actor, subject)),
            (wanted.actor, (actor,)),
            (wanted.subject, (subject,)),
        ):
            if principal is not None:
                ref = transaction.tenant(tenant_id).scalar(
                    select(AuditSubject.ref).where(AuditSubject.principal_id == principal)
                )
                if ref is None:
                    return None
                found.append(or_(*(column == ref for column in columns)))
        return found + _of_the_row(wanted)

    def _told(
        self,
        transaction: Transaction,
        tenant_id: str,
        rows: Iterable[AuditEvent],
        *,
        opened: bool,
    ) -> Iterator[Told]:
        bodies = [(row, orjson.loads(row.body)) for row in rows]
        refs = {ref for row, _ in bodies for ref in (row.actor_ref, row.subject_ref) if ref}
        refs |= {one["of"] for _, body in bodies for one in body["personal"].values()}
        known = self._subjects.named(transaction, tenant_id, refs)
        for row, body in bodies:
            yield Told(
                id=row.id,
                time=row.occurred_at,
                type=row.type,
                actor_kind=body["actor"]["kind"],
                actor=known.principal(row.actor_ref),
                subject=known.principal(row.subject_ref),
                resource=row.resource,
                correlation_id=row.correlation_id,
                facts=body["facts"],
                before=body["before"],
                after=body["after"],
                sealed=known.readable(body["personal"]),
                private=known.opened(row.id, body["personal"]) if opened else {},
            )


def _of_the_row(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.type is not None:
        conditions.append(AuditEvent.type == wanted.type.value)
    if wanted.noun is not None:
        conditions.append(AuditEvent.type.startswith(f"{wanted.noun}.", autoescape=True))
    if wanted.resource is not None:
        conditions.append(AuditEvent.resource == wanted.resource)
    if wanted.correlation_id is not None:
        conditions.append(AuditEvent.correlation_id == wanted.correlation_id)
    if wanted.since is not None:
        conditions.append(AuditEvent.occurred_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditEvent.occurred_at < wanted.until)
    return conditions
