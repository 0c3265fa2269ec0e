"""When the trust in a browser counts. Values in, decision out."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class TrustRule:
    """What a tenant says of trusted browsers, and its epoch."""

    days: int | None
    since: datetime | None
    mandatory: bool
    epoch: int

    def oldest(self, now: datetime) -> datetime | None:
        """Return how old a trust may be to count, None where none does.

        What was trusted before the tenant switched it on, perhaps again, is void; so is what is
        older than today's number of days, whatever was promised.
        """
        if self.days is None or self.since is None or self.mandatory:
            return None
        return max(self.since, now - timedelta(days=self.days))
