"""What a process does on its own, a little at a time, while it does its work."""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.ops.pruning import Pruner
from authserver.ops.reencryption import Reencryption


@dataclass(frozen=True)
class Chores:
    """Deletes what is over, and brings old values under a new master key."""

    pruner: Pruner
    reencryption: Reencryption

    @property
    def ticks(self) -> tuple[Callable[[], None], ...]:
        """Return what is to be called every now and then."""
        return self.pruner.tick, self.reencryption.tick
