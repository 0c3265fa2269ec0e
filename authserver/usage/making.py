"""What counts use, writes it down and reads it, put together."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from authserver.audit.events import EventType
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.usage.meter import Meter
from authserver.usage.notes import Notes
from authserver.usage.policy import SIGN_IN_FAILURES, SIGN_INS
from authserver.usage.service import Usage
from authserver.usage.writer import UsageWriter

COUNTED: Mapping[EventType, str] = {
    EventType.SIGN_IN_SUCCEEDED: SIGN_INS,
    EventType.SIGN_IN_FAILED: SIGN_IN_FAILURES,
}


class Metering(NamedTuple):
    """The meter of this process, what writes it down, what is noted hourly, and the figures."""

    meter: Meter
    writer: UsageWriter
    notes: Notes
    figures: Usage


def make_metering(meter: Meter, database: Database, clock: Clock) -> Metering:
    """Return what counts use, with the meter that the trail counts with, too."""
    writer, notes = UsageWriter(meter, database), Notes(database, clock)
    return Metering(meter, writer, notes, Usage(clock))


def told_of(meter: Meter) -> Mapping[EventType, Callable[[str], None]]:
    """Return what counts events of the trail when they are durable."""
    return {type_: partial(meter.happened, what=what) for type_, what in COUNTED.items()}
