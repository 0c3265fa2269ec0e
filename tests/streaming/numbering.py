"""Events with numbers, as the sequencer gives them, for a stream of its own."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from authserver.audit.events import Event, EventType
from authserver.audit.sequencing import statements
from authserver.audit.sequencing.placing import place_these, tree_of
from authserver.streaming.reading import Cursors
from authserver.streaming.sinks import Line, Refused
from authserver.streaming.worker import StreamWorker
from tests.support.world import TenantFixture, World

_EVERY = 1_000_000


@dataclass
class Collector:
    """A sink that remembers what it took, and refuses when it is told to."""

    refuses: int = 0
    got: list[Line] = field(default_factory=list)
    batches: list[list[Line]] = field(default_factory=list)

    def send(self, lines: Sequence[Line]) -> None:
        self.batches.append([*lines])
        if self.refuses:
            self.refuses -= 1
            raise Refused("the collector is away")
        self.got += lines

    def close(self) -> None:
        pass

    def of(self, tenant: TenantFixture) -> list[int]:
        """Return the numbers of a tenant's events, as they came."""
        return [line.seq for line in self.got if line.tenant_id == tenant.id]


@dataclass(frozen=True)
class Flow:
    """A stream that nobody else has, in front of a collector."""

    name: str
    cursors: Cursors
    worker: StreamWorker
    collector: Collector


def flow(world: World, name: str = "", collector: Collector | None = None) -> Flow:
    """Make a stream; one with the name of another is that one in another process."""
    name, collector = name or f"s-{os.urandom(4).hex()}", collector or Collector()
    cursors = Cursors(world.services.database, world.clock)
    return Flow(name, cursors, StreamWorker(cursors, [(name, collector)]), collector)


def happen(world: World, tenant: TenantFixture, count: int) -> None:
    """Let things happen that have no number yet."""
    actor = replace(world.operator, principal=tenant.id)
    event = Event(EventType.CLIENT_CHANGED, tenant.id, actor, facts={"text": "Grüße \n"})

    def job(tx: Any) -> None:
        for _ in range(count):
            world.services.trail.record(tx, event)

    world.services.database.write(job)


def number(world: World, tenant: TenantFixture) -> int:
    """Give a tenant's events their numbers, and those of nobody else; return the last one.

    As the sequencer does: it goes on from here, when other tests let it.
    """

    def job(tx: Any) -> int:
        unplaced = tx.rows(statements.UNPLACED, {"most": _EVERY})
        place_these(tx, [row for row in unplaced if row["tenant_id"] == tenant.id])
        return tree_of(tx, tenant.id).size

    return int(world.services.database.write(job))
