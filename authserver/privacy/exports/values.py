"""How a copy stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

KIND = "export_person"
LIFE = timedelta(hours=24)
PURPOSE = "data_export"


class Standing(StrEnum):
    """READY: a link was mailed. LOST: it could not be made, or ran out before it was fetched."""

    MAKING = "making"
    READY = "ready"
    TAKEN = "taken"
    LOST = "lost"


@dataclass(frozen=True)
class Copy:
    """A copy as it is now. `asked_by` is the kind of who asked: `user` is the person too.

    `parts` are written so far; how many there will be is known at the end.
    """

    id: str
    standing: Standing
    asked_by: str
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    taken_at: datetime | None
    parts: int = 0
