"""What a process does on its own, a little at a time, while it does its work."""

import time
from collections.abc import Callable, Sized
from dataclasses import dataclass

from authserver.core import log
from authserver.core.problems import Unavailable
from authserver.ops.pruning import Pruner
from authserver.ops.reencryption import Reencryption

_EVERY = 3600.0  # seconds

_log = log.get(__name__)


class Hourly:
    """Does something once an hour, for who calls often; says in the log what it was done to."""

    def __init__(self, name: str, do: Callable[[], Sized]) -> None:
        """Take what it does: some of it, and again while there was any."""
        self._name = name
        self._do = do
        self._due_at = time.monotonic()

    def tick(self) -> None:
        """Do it, if it is time."""
        if time.monotonic() < self._due_at:
            return
        try:
            done = len(self._do())
        except Unavailable as down:
            _log.warning("a_chore_waits", chore=self._name, reason=down.detail)
            return
        if done:
            _log.info(self._name, count=done)
        else:
            self._due_at = time.monotonic() + _EVERY


@dataclass(frozen=True)
class Chores:
    """Deletes what is over, brings old values under a new master key, and what is due each hour."""

    pruner: Pruner
    reencryption: Reencryption
    hourly: tuple[Hourly, ...]

    @property
    def ticks(self) -> tuple[Callable[[], None], ...]:
        """Return what is to be called every now and then."""
        return self.pruner.tick, self.reencryption.tick, *(one.tick for one in self.hourly)
