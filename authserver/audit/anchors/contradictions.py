"""What anchors know and the database does not: found, told, and accepted by an operator.

Nothing is signed while there is one that nobody accepted (AUD-08). A named platform service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import select

from authserver.audit.anchors.models import TrailAnchor, TrailContradiction
from authserver.audit.anchors.values import Denial
from authserver.audit.checkpoints.keys import TrailKeys
from authserver.audit.checkpoints.policy import InconsistentError
from authserver.audit.checkpoints.reading import newest_of
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.crypto import DecryptionError, Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Refused

_log = log.get(__name__)


@dataclass(frozen=True)
class Contradiction:
    """What an anchor has, when that was noticed, and how far the database was then."""

    id: str
    anchor: str
    number: int
    why: str
    newest: int
    note: str | None
    found_at: datetime


class Contradictions:
    """Finds and accepts them."""

    def __init__(self, keys: TrailKeys, trail: Trail, clock: Clock, *, keyring: Keyring) -> None:
        """Take in whose trail they stand, the trail, the time, and what proves an acceptance."""
        self._keys = keys
        self._trail = trail
        self._keyring = keyring
        self._clock = clock

    def found(self, transaction: Transaction, anchor: str, denial: Denial) -> bool:
        """Note what an anchor denies; tell whether it stands in the way of signing."""
        known = self._known(transaction, anchor, denial)
        if known is not None:
            return not self._is_accepted(known)
        newest = newest_of(transaction)
        row = TrailContradiction(
            id=new_id("ctr"),
            anchor=anchor,
            number=denial.number,
            why=denial.why.value,
            newest=newest.number if newest else 0,
            note=denial.note,
            found_at=self._clock.now(),
        )
        transaction.platform().add(row)
        facts = {"anchor": anchor, "number": row.number, "why": row.why, "newest": row.newest}
        owner = self._keys.owner(transaction)
        actor = Actor(ActorKind.SYSTEM, owner, new_id("cor"))
        self._record(transaction, EventType.TRAIL_CONTRADICTED, actor, facts=facts)
        transaction.when_durable(lambda: _log.error("trail_contradicted", **facts))
        return True

    def standing(self, transaction: Transaction) -> list[Contradiction]:
        """Return those that nobody accepted, the oldest first."""
        return [_shown(row) for row in self._open(transaction)]

    def check(self, transaction: Transaction) -> None:
        """Refuse to sign while there is one. Raises InconsistentError."""
        for row in self._open(transaction):
            raise InconsistentError(
                f"the anchor {row.anchor} has checkpoint {row.number}, the database had"
                f" {row.newest} ({row.why}): look, and then `authserver audit anchors accept`"
            )

    def accept(
        self, transaction: Transaction, actor: Actor, *, reason: str
    ) -> Sequence[Contradiction]:
        """Let checkpoints be signed again, although anchors deny them. Raises Refused for none."""
        rows = self._open(transaction)
        if not rows:
            raise Refused("No anchor contradicts the database.")
        self._begin_again(transaction, {row.anchor for row in rows})
        for row in rows:
            said = {"by": actor.principal, "at": self._clock.now().isoformat(), "reason": reason}
            row.accepted = self._keyring.encrypt(orjson.dumps(said), _place(row.id))
            facts = {
                "anchor": row.anchor, "number": row.number, "why": row.why, "reason": reason,
            }  # fmt: skip
            self._record(transaction, EventType.TRAIL_CONTRADICTION_ACCEPTED, actor, facts=facts)
        return [_shown(row) for row in rows]

    def _begin_again(self, transaction: Transaction, anchors: set[str]) -> None:
        """Let anchors that are ahead have what is signed from here on."""
        newest = newest_of(transaction)
        for name in anchors:
            row = transaction.platform().get(TrailAnchor, name)
            if row is not None:
                row.number = min(row.number, newest.number if newest else 0)

    def _open(self, transaction: Transaction) -> list[TrailContradiction]:
        query = select(TrailContradiction).order_by(TrailContradiction.id)
        rows = transaction.platform().scalars(query)
        return [row for row in rows if not self._is_accepted(row)]

    def _known(
        self, transaction: Transaction, anchor: str, denial: Denial
    ) -> TrailContradiction | None:
        """Return the same denial: a note that was ahead is another history once we are as far."""
        query = select(TrailContradiction).where(
            TrailContradiction.anchor == anchor, TrailContradiction.number == denial.number
        )
        rows = transaction.platform().scalars(query)
        return next((row for row in rows if row.note == denial.note), None)

    def _is_accepted(self, row: TrailContradiction) -> bool:
        """Tell whether somebody with the master key accepted it."""
        try:
            return bool(row.accepted) and bool(
                self._keyring.decrypt(row.accepted or b"", _place(row.id))
            )
        except DecryptionError:
            return False

    def _record(
        self, transaction: Transaction, type_: EventType, actor: Actor, *, facts: dict[str, object]
    ) -> None:
        owner = self._keys.owner(transaction)
        resource = f"anchor:{facts['anchor']}"
        self._trail.record(transaction, Event(type_, owner, actor, resource=resource, facts=facts))


def _shown(row: TrailContradiction) -> Contradiction:
    return Contradiction(
        row.id, row.anchor, row.number, row.why, row.newest, row.note, row.found_at
    )


def _place(row_id: str) -> Place:
    return Place("audit_contradictions", "accepted", row_id)
