"""Thirty days of figures for the demo: made up, the same for the same day, and only once.

More people than there are were never there: who was is noted, up to how many a tenant has.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import sin

from authserver.core.database.engine import Database, Transaction
from authserver.usage import notes
from authserver.usage.meter import Key, Meter
from authserver.usage.policy import (
    ACTIVE,
    ACTIVE_DAY,
    HOUR,
    PEOPLE,
    SIGN_IN_FAILURES,
    SIGN_INS,
    Grain,
    Refusal,
    is_latency,
    latency,
)
from authserver.usage.service import Usage
from authserver.usage.writer import UsageWriter

_BY_HOUR, _BY_DAY = 7 * 24, 22
_MANY_AT, _WRONG_AT = 10, 4  # hours in which a client asks too fast, and with a wrong secret
_DAYS = 30
_WORKING_HOURS, _WORKING_DAYS = range(9, 18), range(5)


def load(
    database: Database,
    meter: Meter,
    *,
    writer: UsageWriter,
    clients: Mapping[str, str],
    now: datetime,
) -> None:
    """Write figures of clients (client_id -> tenant_id) and their people, if there are none."""
    with database.read() as view:
        if Usage.has_any(view):
            return
        people = notes.people(view)
    most = {one: people.get(one, {}).get(PEOPLE, 0) for one in clients.values()}
    counts: dict[Key, int] = {}
    for place, (client_id, tenant_id) in enumerate(sorted(clients.items())):
        for at, hours in _moments(now):
            for what, number in _counted(at, place).items():
                of_client = is_latency(what) or what.startswith("refused")
                hour = int(at.timestamp()) // int(HOUR.total_seconds())
                key = Key(tenant_id, client_id if of_client else "", hour, what)
                counts[key] = counts.get(key, 0) + number * hours
    meter.put_back({key: number for key, number in counts.items() if number})
    writer.flush()
    database.write(lambda transaction: _note(transaction, most, now))


def _note(transaction: Transaction, most: Mapping[str, int], now: datetime) -> None:
    """Note who was there: in the hours of a week, on thirty days, and in the last 24 hours."""
    for at in (at for at, hours in _moments(now) if hours == 1):
        notes.put(transaction, _of(most, ACTIVE, [at]), grain=Grain.HOUR, at=at)
    for back in range(_DAYS):
        day = Grain.DAY.of(now - timedelta(days=back))
        hours = [day + HOUR * number for number in range(24) if day + HOUR * number <= now]
        notes.put(transaction, _of(most, ACTIVE, hours), grain=Grain.DAY, at=day)
    last = [Grain.HOUR.of(now) - HOUR * back for back in range(1, 24)]
    for grain in Grain:
        notes.put(transaction, _of(most, ACTIVE_DAY, last), grain=grain, at=grain.of(now))


def _of(
    most: Mapping[str, int], what: str, hours: Sequence[datetime]
) -> Mapping[str, Mapping[str, int]]:
    """Return how many of each tenant's people were there in some hours: as many as in the best."""
    best = max(map(_there, hours))
    return {one: {what: min(number, best)} for one, number in most.items()}


def _there(at: datetime) -> int:
    busy = at.hour in _WORKING_HOURS and at.weekday() in _WORKING_DAYS
    return 2 + (at.hour + at.day) % 3 if busy else (at.hour + at.day) % 2


def _moments(now: datetime) -> Iterator[tuple[datetime, int]]:
    """Give the hours of a week, then one hour of each day before that stands for several."""
    first = Grain.HOUR.of(now) - HOUR
    yield from ((first - HOUR * back, 1) for back in range(_BY_HOUR))
    noon = (first - HOUR * _BY_HOUR).replace(hour=12)
    yield from ((noon - timedelta(days=back), 8) for back in range(1, _BY_DAY + 1))


def _counted(at: datetime, place: int) -> Mapping[str, int]:
    """Return what a client and its people did in an hour."""
    busy = at.hour in _WORKING_HOURS and at.weekday() in _WORKING_DAYS
    wave = (1.4 + sin(at.hour / 3 + at.day + place)) / (1 + place)
    tokens, people = int((90 if busy else 24) * wave), int((14 if busy else 2) * wave)
    return {
        Refusal.RATE.what: 30 if at.hour == _MANY_AT and at.day % 4 == place else 0,
        Refusal.AUTHENTICATION.what: 6 if at.hour == _WRONG_AT * (1 + place) else 0,
        SIGN_INS: people,
        SIGN_IN_FAILURES: people // 8,
        latency(0.004): tokens * 3 // 4,
        latency(0.02 if busy else 0.008): tokens // 4,
    }
