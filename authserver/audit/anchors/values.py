"""What an anchor is, and what it may answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from authserver.audit.checkpoints.values import Checkpoint


class Refused(Exception):  # noqa: N818  an outcome
    """The checkpoints were not taken; the reason is for operators."""


class Why(StrEnum):
    """How an anchor contradicts the database."""

    ROLLED_BACK = "rolled_back"  # it has a checkpoint with a higher number than there is
    FORKED = "forked"  # it has another checkpoint with the same number, or of another history


@dataclass(frozen=True)
class Denial:
    """What an anchor has and the database does not: a number, and the note where it is known."""

    number: int
    why: Why
    note: str | None = None


class Denied(Exception):  # noqa: N818  an outcome
    """The anchor knows another history."""

    def __init__(self, denial: Denial) -> None:
        """Take what it knows."""
        super().__init__(f"{denial.why} at {denial.number}")
        self.denial = denial


class Anchor(Protocol):
    """Keeps checkpoints."""

    @property
    def newest_alone(self) -> bool:
        """Tell whether it wants no checkpoint but the newest."""

    def send(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Take checkpoints in their order, durably where that is possible.

        Raises Refused, and Denied where it knows another history.
        """

    def kept(self) -> str | None:
        """Return the note that it was sent last, None where it tells none. Raises as `send`."""
