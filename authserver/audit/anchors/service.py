"""Anchors as operators and the sequencer see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from authserver.audit.anchors.comparing import Comparison
from authserver.audit.anchors.contradictions import Contradictions
from authserver.audit.anchors.standing import Standing, Standings
from authserver.audit.anchors.worker import AnchorWorker
from authserver.core.database.engine import Transaction


@dataclass(frozen=True)
class Anchors:
    """The anchors that the settings name: where each is, by its name."""

    urls: dict[str, str]
    standings: Standings
    contradictions: Contradictions
    comparison: Comparison
    worker: AnchorWorker

    def all(self, transaction: Transaction) -> Sequence[Standing]:
        """Return how each of them stands."""
        return self.standings.all(transaction, tuple(self.urls))
