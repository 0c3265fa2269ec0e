"""/trail/anchors: what keeps checkpoints, how far each is, what contradicts the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.audit.anchors.service import Anchors
from authserver.core.database.engine import Transaction
from authserver.core.values.reasons import MOST_REASON, check_reason
from authserver.roles.catalogue import Permission

_TAG = "health"
_PATH = "/trail/anchors"


class AnchorShown(Shown):
    """An anchor or a witness: the last checkpoint that it has, and how many wait for it.

    `error` is why it took nothing, since `failing_since`; null where it does not fail.
    """

    name: str
    url: str
    number: int
    waiting: int
    moved_at: datetime | None
    failing_since: datetime | None
    error: str | None


class ContradictionShown(Shown):
    """What an anchor has and the database has not, which was at `newest` when that was noticed.

    `rolled_back`: the database is older; `forked`: it has another history.
    """

    anchor: str
    number: int
    why: Literal["rolled_back", "forked"]
    newest: int
    found_at: datetime


class AnchorsShown(Shown):
    """Every anchor that the settings name, and the contradictions that nobody accepted."""

    anchors: tuple[AnchorShown, ...]
    contradictions: tuple[ContradictionShown, ...]


class Acceptance(Given):
    """Why checkpoints may be signed again; it stands in the trail for good."""

    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]


class AnchorsResource:
    """Operations on anchors."""

    def __init__(self, anchors: Anchors) -> None:
        """Take them."""
        self._anchors = anchors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", _PATH, Does.READ, Permission.HEALTH_READ, self.read_anchors,
                "Read how far the places are that keep checkpoints of the trail", _TAG,
                Where.PLATFORM, shows=AnchorsShown,
            ),
            Operation(
                "POST", f"{_PATH}/accept", Does.CHANGE, Permission.KEYS_ROTATE,
                self.accept_contradictions,
                "Let checkpoints be signed again although anchors contradict the database", _TAG,
                Where.PLATFORM, body=Acceptance, shows=AnchorsShown, sensitive=True,
            ),
        )  # fmt: skip

    def read_anchors(self, transaction: Transaction, _call: Call) -> Reply:
        """Return how they stand."""
        return self._shown(transaction)

    def accept_contradictions(self, transaction: Transaction, call: Call) -> Reply:
        """Accept what they deny. Raises UnfitReason, Refused where there is nothing."""
        given: Acceptance = call.body
        reason = check_reason(given.reason)
        self._anchors.contradictions.accept(transaction, call.caller.actor, reason=reason)
        return self._shown(transaction)

    def _shown(self, transaction: Transaction) -> Reply:
        anchors = self._anchors
        standing = [
            AnchorShown(
                url=anchors.urls[one.name],
                **{name: getattr(one, name) for name in AnchorShown.model_fields if name != "url"},
            )
            for one in anchors.all(transaction)
        ]
        denied = [
            ContradictionShown(
                **{name: getattr(one, name) for name in ContradictionShown.model_fields}
            )
            for one in anchors.contradictions.standing(transaction)
        ]
        return Reply(AnchorsShown(anchors=tuple(standing), contradictions=tuple(denied)))
