"""What is noted once an hour rather than counted: people, their second factors, who was there.

A named platform service: one statement for all tenants. Any number of workers may note the same
hour: the later note replaces the earlier one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.usage import statements
from authserver.usage.policy import ACTIVE, ACTIVE_DAY, DAY, HOUR, PEOPLE, PEOPLE_MFA, Grain

_AT_ONCE = 200  # tenants of one transaction

_Figures = Mapping[str, Mapping[str, int]]  # by tenant, then by what is noted

_log = log.get(__name__)


class Notes:
    """Notes how many people there are, when an hour has begun."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where people are."""
        self._database = database
        self._clock = clock
        self._noted: datetime | None = None

    def tick(self) -> None:
        """Note it once an hour, for who calls often."""
        if Grain.HOUR.of(self._clock.now()) == self._noted:
            return
        try:
            self.note()
        except Unavailable as down:
            _log.warning("usage_notes_wait", reason=down.detail)

    def note(self) -> None:
        """Note what there is now, and who was there in the hour and day that is or just ended."""
        now = self._clock.now()
        hour = Grain.HOUR.of(now)
        with self._database.read() as view:
            standing = [people(view), _active(view, ACTIVE_DAY, now - DAY)]
            there = {when: _active(view, ACTIVE, when[1]) for when in _moments(hour)}
        for (grain, at), figures in there.items():
            self._write(figures, grain, at)
        for grain in Grain:
            for figures in standing:
                self._write(figures, grain, grain.of(now))
        self._noted = hour

    def _write(self, figures: _Figures, grain: Grain, at: datetime) -> None:
        tenants = sorted(figures)
        for start in range(0, len(tenants), _AT_ONCE):
            some = {one: figures[one] for one in tenants[start : start + _AT_ONCE]}
            self._database.write(
                lambda transaction, some=some: _note(transaction, some, grain=grain, at=at)  # type: ignore[misc]  # bound now
            )
        total = _total(figures.values())
        self._database.write(
            lambda transaction: _note_total(transaction, total, grain=grain, at=at)
        )


def _moments(hour: datetime) -> set[tuple[Grain, datetime]]:
    """Return the present hour and day, and those of an hour ago: they are complete only now."""
    return {(grain, grain.of(when)) for grain in Grain for when in (hour, hour - HOUR)}


def people(view: Transaction) -> _Figures:
    """Return how many people of their own tenants have, and how many with a second factor."""
    rows = view.rows(statements.PEOPLE, {})
    return {row["tenant_id"]: {PEOPLE: row["number"], PEOPLE_MFA: row["secured"]} for row in rows}


def _active(view: Transaction, what: str, since: datetime) -> _Figures:
    rows = view.rows(statements.ACTIVE, {"since": since})
    return {row["tenant_id"]: {what: row["number"]} for row in rows}


def put(transaction: Transaction, figures: _Figures, *, grain: Grain, at: datetime) -> None:
    """Note the figures of a few tenants and their sum, which replace those of the same moment."""
    _note(transaction, figures, grain=grain, at=at)
    _note_total(transaction, _total(figures.values()), grain=grain, at=at)


def _total(figures: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for one in figures:
        total.update(one)
    return total


def _note(transaction: Transaction, figures: _Figures, *, grain: Grain, at: datetime) -> None:
    when = {"grain": grain.value, "at": at}
    for tenant_id, numbers in sorted(figures.items()):
        for what, number in sorted(numbers.items()):
            values = {"tenant_id": tenant_id, **when, "what": what, "number": number}
            transaction.change(statements.NOTE_OF_TENANT, values)


def _note_total(
    transaction: Transaction, numbers: Mapping[str, int], *, grain: Grain, at: datetime
) -> None:
    for what, number in sorted(numbers.items()):
        values = {"grain": grain.value, "at": at, "what": what, "number": number}
        transaction.change(statements.NOTE_OF_PLATFORM, values)
