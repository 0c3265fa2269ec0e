"""The text of a file, piece by piece: each says where the next one begins.

A piece reads a stretch of the trail by its key, in a transaction of its own: memory does not grow
with the trail, nothing is held open, and whoever dies is gone on for behind the last piece.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Protocol

import orjson
from sqlalchemy import func, select

from authserver.audit.bundles import lines
from authserver.audit.bundles.writing import BundleWriter, Plan
from authserver.audit.models import AuditEvent
from authserver.audit.reading import Told, TrailReader, Wanted
from authserver.core.database.engine import Database, Transaction
from authserver.trail_exports.naming import names_of
from authserver.trail_exports.values import Format

AT_ONCE = 1_000
COLUMNS = (
    "id", "time", "type", "actor_kind", "actor", "actor_name", "subject", "subject_name",
    "resource", "correlation_id", "facts", "before", "after", "private",
)  # fmt: skip
# What a spreadsheet would compute stands behind an apostrophe.
_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class So:
    """How far a file is: where the next piece begins, and what the ones before had."""

    place: str | None = None
    events: int = 0
    tombstones: int = 0


@dataclass(frozen=True)
class Piece:
    """Some text of a file. `passed` events of the trail are behind it; `now` is how far it is."""

    text: bytes
    passed: int
    now: So
    last: bool


class Source(Protocol):
    """Writes one file; `total` events of the trail are looked at for it."""

    @property
    def total(self) -> int:
        """Return how many."""

    def piece(self, transaction: Transaction, so: So, *, begun: bool) -> Piece:
        """Return the next piece; the first one where the file is not `begun`."""


def written(database: Database, source: Source) -> Iterator[Piece]:
    """Give a whole file."""
    so, begun, last = So(), False, False
    while not last:
        with database.read() as view:
            piece = source.piece(view, so, begun=begun)
        yield piece
        so, begun, last = piece.now, True, piece.last


@dataclass(frozen=True)
class BundleSource:
    """A bundle: its place is the number of the next event."""

    bundles: BundleWriter
    plan: Plan
    at_once: int = field(default_factory=lambda: AT_ONCE)

    @property
    def total(self) -> int:
        """Return how many events it has."""
        return self.plan.events

    def piece(self, transaction: Transaction, so: So, *, begun: bool) -> Piece:
        """Return what comes before the events, then events. Raises MissingError for a hole."""
        plan = self.plan
        if not begun:
            text = b"".join(self.bundles.beginning(transaction, plan))
            return self._piece(text, So(str(plan.first)), passed=0)
        first = int(so.place or plan.first)
        found = self.bundles.events(transaction, plan, first=first, most=self.at_once)
        gone = sum(line.startswith(_TOMBSTONE) for line in found)
        now = So(str(first + self.at_once), so.events + len(found) - gone, so.tombstones + gone)
        passed = min(self.at_once, plan.last + 1 - first)
        return self._piece(b"".join(found), now, passed=passed)

    def _piece(self, text: bytes, now: So, *, passed: int) -> Piece:
        last = int(now.place or 0) > self.plan.last
        end = lines.end(now.events, now.tombstones) if last else b""
        return Piece(text + end, passed, now, last)


_TOMBSTONE = b'{"kind":"tombstone"'


@dataclass(frozen=True)
class RowSource:
    """Events as rows of CSV or JSON lines, the newest first: its place is the last event's id.

    `total` is the number of the newest event when it was asked for.
    """

    reader: TrailReader
    tenant_id: str
    wanted: Wanted
    format: Format
    opened: bool
    total: int

    def piece(self, transaction: Transaction, so: So, *, begun: bool) -> Piece:
        """Return the next events, and how many of the trail were looked at for them."""
        page = self.reader.page(
            transaction,
            self.tenant_id,
            self.wanted,
            before=so.place,
            most=AT_ONCE,
            opened=self.opened,
        )
        names = names_of(transaction, self.tenant_id, page.events)
        write = _csv if self.format is Format.CSV else _jsonl
        head = b"" if begun or self.format is not Format.CSV else _line(COLUMNS)
        text = head + b"".join(write(row(event, names)) for event in page.events)
        now = So(page.after, so.events + len(page.events))
        passed = self._left(transaction, so.place) - self._left(transaction, page.after, end=0)
        return Piece(text, max(passed, 0), now, page.after is None)

    def _left(self, transaction: Transaction, place: str | None, *, end: int | None = None) -> int:
        """Return how many events are older than a place."""
        if place is None:
            return self.total if end is None else end
        query = select(AuditEvent.seq).where(AuditEvent.id == place)
        number = transaction.tenant(self.tenant_id).scalar(query)
        return self.total if number is None else min(number - 1, self.total)


def newest(transaction: Transaction, tenant_id: str) -> int:
    """Return the number of a tenant's newest event that has one."""
    query = select(func.max(AuditEvent.seq)).where(AuditEvent.seq.is_not(None))
    return transaction.tenant(tenant_id).scalar(query) or 0


def row(event: Told, names: Mapping[str, str]) -> dict[str, Any]:
    """Return an event as files have it, with the names of who is in it."""
    named = {"actor_name": event.actor, "subject_name": event.subject}
    return {
        name: names.get(named[name] or "") if name in named else getattr(event, name)
        for name in COLUMNS
    }


def _jsonl(said: Mapping[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z)


def _csv(said: Mapping[str, Any]) -> bytes:
    return _line([_plain(said[name]) for name in COLUMNS])


def _plain(value: object) -> str:
    if value is None:
        return ""
    text = (
        value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()
    )
    text = text if isinstance(value, str | dict) else text.strip('"')
    return f"'{text}" if text.startswith(_A_FORMULA) else text


def _line(values: Any) -> bytes:  # noqa: ANN401  texts
    out = StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue().encode()
