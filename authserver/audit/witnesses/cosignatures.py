"""Cosignatures beside their checkpoints. A named platform service, as checkpoints are."""

from collections.abc import Sequence

from authserver.audit.checkpoints.models import TrailCosignature
from authserver.audit.checkpoints.note import Signature
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction


class Cosignatures:
    """Keeps the first cosignature that each witness gave of a checkpoint."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where they are, and the time."""
        self._database = database
        self._clock = clock

    def add(self, checkpoint: int, signatures: Sequence[Signature]) -> None:
        """Keep them; verified they are already."""
        now = self._clock.now()

        def job(transaction: Transaction) -> None:
            session = transaction.platform()
            for one in signatures:
                if session.get(TrailCosignature, (checkpoint, one.name)) is None:
                    session.add(
                        TrailCosignature(
                            checkpoint=checkpoint, witness=one.name, line=one.line(), at=now
                        )
                    )
                    session.flush()

        self._database.write(job)
