"""The calendar of signing keys as bars: public, signing, public still."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.admin.api.keys.signing import SigningKeyShown

_WIDTH = 1000  # of the picture's own units
_MARGIN = timedelta(days=3)


@dataclass(frozen=True)
class Bar:
    """A stretch of a key's life. `part` is what the stylesheet colours: public or signing."""

    part: str
    x: int
    width: int


@dataclass(frozen=True)
class Line:
    """A key with its bars."""

    alg: str
    kid: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Calendar:
    """What the picture shows; `now` is where the present is."""

    lines: tuple[Line, ...]
    now: int
    begins: datetime
    ends: datetime


def calendar(keys: Sequence[SigningKeyShown], now: datetime, rotation: timedelta) -> Calendar:
    """Return the bars of keys, from the oldest that matters to the last known end.

    A key without an end signs for as long as the calendar says.
    """
    ends = [_end(one, rotation) for one in keys]
    begins = max(min((one.created_at for one in keys), default=now), now - rotation)
    last = max([*ends, now]) + _MARGIN
    scale = _Scale(begins - _MARGIN, last)
    lines = tuple(
        Line(one.alg, one.kid, tuple(scale.bars(one, end)))
        for one, end in zip(keys, ends, strict=True)
    )
    return Calendar(lines, scale.at(now), scale.begins, scale.ends)


@dataclass(frozen=True)
class _Scale:
    begins: datetime
    ends: datetime

    def at(self, moment: datetime) -> int:
        part = (moment - self.begins) / (self.ends - self.begins)
        return round(_WIDTH * min(max(part, 0.0), 1.0))

    def bars(self, one: SigningKeyShown, end: datetime) -> Sequence[Bar]:
        published = one.published_until or end
        known = (
            ("public", one.created_at, one.signs_from),
            ("signing", one.signs_from, end),
            ("public", end, published),
        )
        found = [(part, self.at(start), self.at(until)) for part, start, until in known]
        return [Bar(part, x, until - x) for part, x, until in found if until > x]


def _end(one: SigningKeyShown, rotation: timedelta) -> datetime:
    return one.signs_until or one.signs_from + rotation
