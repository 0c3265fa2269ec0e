"""How an erasure stands, and a hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from authserver.audit.events import Actor
from authserver.roles.policy import Grantor

KIND = "erase_person"
LINK_PURPOSE, RECEIPT_PURPOSE = "erasure", "erasure_receipt"
LINK_LIFE = timedelta(hours=24)


class State(StrEnum):
    """ASKED: the person has yet to open the mailed link. WAITING: for its time, or behind a hold.

    From ERASING on nothing brings the account back.
    """

    ASKED = "asked"
    WAITING = "waiting"
    ERASING = "erasing"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (State.ASKED, State.WAITING, State.ERASING)


class Whom(NamedTuple):
    """Whose erasure it is."""

    tenant_id: str
    user_id: str


@dataclass(frozen=True)
class By:
    """Who acts, with which rights. Without a grantor: the person, or the operator."""

    actor: Actor
    tenant_id: str
    grantor: Grantor | None = None


@dataclass(frozen=True)
class ErasureView:
    """An erasure as it is now. `asked_by` is the kind of who asked: `user` is the person, too.

    `held`: it is due or will be, and a legal hold stops it.
    """

    id: str
    user_id: str
    state: State
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    held: bool
    removed: Mapping[str, int]


@dataclass(frozen=True)
class HoldView:
    """A legal hold: why, and by whom it was set and lifted (ids; the operator is the tenant's)."""

    id: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
