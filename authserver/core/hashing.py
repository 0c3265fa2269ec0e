"""A bounded pool for password hashing, so that sign-ins never starve everything else.

bcrypt gives the interpreter's lock away and takes a quarter of a second; more of them at once than
processors only makes all of them slow. Above the bound a request is told to come back. The pool's
threads give way to the others of this process, which never compute for long: hashes get the moments
in which those wait for the network or the disk, a third of a processor full of token requests.
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


class HashingPool:
    """Runs at most `running` computations at once and lets `waiting` more queue."""

    def __init__(self, *, running: int, waiting: int) -> None:
        """Set the bounds."""
        self._admitted = threading.BoundedSemaphore(running + waiting)
        self._threads = ThreadPoolExecutor(running, "hashing", _give_way)

    def run(self, compute: Callable[[], T]) -> T:
        """Return what is computed. Raises Unavailable when too many wait already."""
        if not self._admitted.acquire(blocking=False):
            raise Unavailable(
                "Too many sign-ins at this moment. Try again in a few seconds.",
                detail="hashing pool is full",
                retry_after=2,
            )
        try:
            return self._threads.submit(compute).result()
        finally:
            self._admitted.release()


def _give_way() -> None:
    """Let every other thread of ours go first, where the system knows threads that do."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
