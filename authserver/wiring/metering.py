"""What counts use, writes it down and reads it: part of the wiring."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from authserver.audit.events import EventType
from authserver.usage.meter import Meter
from authserver.usage.notes import Notes
from authserver.usage.policy import SIGN_IN_FAILURES, SIGN_INS
from authserver.usage.service import Usage
from authserver.usage.writer import UsageWriter
from authserver.wiring.signing_in import Ground

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


def make_metering(ground: Ground) -> Metering:
    """Return what counts use."""
    return Metering(
        ground.meter,
        UsageWriter(ground.meter, ground.database),
        Notes(ground.database, ground.clock),
        Usage(ground.clock),
    )


def told_of(meter: Meter) -> Mapping[EventType, Callable[[str], None]]:
    """Return what counts events of the trail when they are durable."""
    return {type_: partial(meter.happened, what=what) for type_, what in COUNTED.items()}
