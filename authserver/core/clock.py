"""The only source of time. Injected everywhere, so that tests move it instead of sleeping."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return datetime.now(UTC)


def epoch(moment: datetime) -> int:
    """Return whole seconds since 1970, the NumericDate of RFC 7519 section 2."""
    return int(moment.timestamp())
