"""Streams as operators see them: how far they are, and having one go back."""

from collections.abc import Sequence
from dataclasses import dataclass

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.streaming.reading import Cursors, Standing
from authserver.streaming.targets import Target
from authserver.streaming.worker import StreamWorker


@dataclass(frozen=True)
class Streams:
    """The streams that the settings name."""

    targets: tuple[Target, ...]
    cursors: Cursors
    worker: StreamWorker
    trail: Trail

    def standings(self, transaction: Transaction) -> Sequence[Standing]:
        """Return how each of them stands."""
        return [self.cursors.standing(transaction, target.name) for target in self.targets]

    def rewind(
        self, transaction: Transaction, name: str, tenant_id: str, *, seq: int, actor: Actor
    ) -> None:
        """Have a stream go on after an event of a tenant: 0 is the beginning. Raises NotFound.

        That is recorded: who has a stream go on further ahead has it leave events out.
        """
        if name not in {target.name for target in self.targets}:
            raise NotFound("The settings name no such stream.")
        self.cursors.move(transaction, name, tenant_id, seq=seq)
        facts = {"stream": name, "after": seq}
        event = Event(EventType.TRAIL_STREAM_MOVED, tenant_id, actor, facts=facts)
        self.trail.record(transaction, event)
