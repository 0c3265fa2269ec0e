"""What of the trail is looked at: its streams, its checkpoints, its anchors. A platform service."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from authserver.admin.running.health import Finding, Level
from authserver.audit.anchors.service import Anchors
from authserver.audit.anchors.standing import Standing as AnchorStanding
from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.streaming.reading import Standing

_LATE = timedelta(minutes=5)


class TrailHealth:
    """Looks at the trail."""

    def __init__(
        self,
        streams: Callable[[Transaction], Sequence[Standing]],
        anchors: Anchors,
        clock: Clock,
        *,
        checkpoints: CheckpointReader,
    ) -> None:
        """Take what tells how far streams and anchors are, the time, and what reads checkpoints."""
        self._streams = streams
        self._anchors = anchors
        self._checkpoints = checkpoints
        self._clock = clock

    def look(self, transaction: Transaction) -> list[Finding]:
        """Return what was found."""
        return [
            *(self._of_stream(one) for one in self._streams(transaction)),
            self._of_checkpoints(transaction),
            *(self._of_anchor(one) for one in self._anchors.all(transaction)),
        ]

    def _of_stream(self, stream: Standing) -> Finding:
        late = stream.oldest is not None and stream.oldest < self._clock.now() - _LATE
        level = Level.BAD if late else Level.WARN if stream.error else Level.GOOD
        since = stream.oldest.isoformat(timespec="seconds") if stream.oldest else None
        facts = {"waiting": stream.waiting, "oldest": since, "error": stream.error}
        return Finding(f"stream:{stream.name}", level, facts)

    def _of_checkpoints(self, transaction: Transaction) -> Finding:
        """Look whether one is signed every minute, and whether no anchor denies them (AUD-08).

        Before the first there is nothing to be late: a missing heartbeat is a sign (AUD-03).
        """
        denied = self._anchors.contradictions.standing(transaction)
        try:
            newest = self._checkpoints.newest(transaction)
        except NoCheckpointError:
            newest = None
        late = newest is not None and newest.at < self._clock.now() - _LATE
        facts = {
            "checkpoint": newest.number if newest else None,
            "signed": newest.at.isoformat(timespec="seconds") if newest else None,
            "contradicts": ", ".join(f"{one.anchor} {one.number}" for one in denied) or None,
        }
        return Finding("trail", Level.BAD if denied or late else Level.GOOD, facts)

    def _of_anchor(self, anchor: AnchorStanding) -> Finding:
        late = anchor.oldest is not None and anchor.oldest < self._clock.now() - _LATE
        level = Level.BAD if late else Level.WARN if anchor.error else Level.GOOD
        since = anchor.oldest.isoformat(timespec="seconds") if anchor.oldest else None
        facts = {
            "checkpoint": anchor.number, "waiting": anchor.waiting, "oldest": since,
            "error": anchor.error,
        }  # fmt: skip
        return Finding(f"anchor:{anchor.name}", level, facts)
