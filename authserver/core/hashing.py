"""A bounded pool for password hashing, so that sign-ins never starve everything else.

bcrypt gives the interpreter's lock away and takes a quarter of a second; more of them at once than
processors only makes all of them slow. Above the bound a request is told to come back. The pool's
threads give way to all others: hashes get the moments in which those wait for the network or the
disk, a third of a processor full of token requests. On a machine that is busy with something else
that could be nothing at all: who has waited long enough computes at the priority of everybody.
"""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from authserver.core.problems import Unavailable

T = TypeVar("T")
_PATIENCE = 3.0  # seconds


class HashingPool:
    """Runs at most `running` computations at once and lets `waiting` more queue."""

    def __init__(self, *, running: int, waiting: int, patience: float = _PATIENCE) -> None:
        """Set the bounds, and the seconds after which a computation no longer gives way."""
        self._admitted = threading.BoundedSemaphore(running + waiting)
        self._running = threading.BoundedSemaphore(running)
        self._threads = ThreadPoolExecutor(running, "hashing", _give_way)
        self._patience = patience

    def run(self, compute: Callable[[], T]) -> T:
        """Return what is computed. Raises Unavailable when too many wait already."""
        if not self._admitted.acquire(blocking=False):
            raise Unavailable(
                "Too many sign-ins at this moment. Try again in a few seconds.",
                detail="hashing pool is full",
                retry_after=2,
            )
        try:
            with self._running:
                return self._compute(compute)
        finally:
            self._admitted.release()

    def _compute(self, compute: Callable[[], T]) -> T:
        giving_way = self._threads.submit(compute)
        try:
            return giving_way.result(self._patience)
        except TimeoutError:
            giving_way.cancel()
            return compute()


def _give_way() -> None:
    """Let every other thread of ours go first, where the system knows threads that do."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
