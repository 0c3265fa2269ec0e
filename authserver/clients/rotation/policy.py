"""When somebody is told that a secret ends. Values in, decision out."""

from datetime import datetime, timedelta

# Before the end: the first time, and once more.
WARNINGS = (timedelta(days=14), timedelta(days=3))


def warnings_due(expires_at: datetime, now: datetime) -> int:
    """Return how many warnings should be out by now; none once it is over."""
    if expires_at <= now:
        return 0
    return sum(expires_at - now <= before for before in WARNINGS)
