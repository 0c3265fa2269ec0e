"""A clock that tests move."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        """Move by timedelta's arguments, e.g. `seconds=61`."""
        self._now += timedelta(**by)

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._now = datetime.now(UTC)
