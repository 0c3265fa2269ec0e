"""A bounded pool for password hashing, so that sign-ins never starve everything else.

bcrypt releases the GIL and takes a quarter of a second; more of them at once than processors only
makes all of them slow. Above the bound a request is told to come back.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from authserver.core.problems import Unavailable

T = TypeVar("T")


class HashingPool:
    """Runs at most `running` computations at once and lets `waiting` more queue."""

    def __init__(self, *, running: int, waiting: int) -> None:
        """Set the bounds."""
        self._admitted = threading.BoundedSemaphore(running + waiting)
        self._running = threading.BoundedSemaphore(running)

    def run(self, compute: Callable[[], T]) -> T:
        """Compute in the calling thread. Raises Unavailable when too many wait already."""
        if not self._admitted.acquire(blocking=False):
            raise Unavailable(
                "Too many sign-ins at this moment. Try again in a few seconds.",
                detail="hashing pool is full",
                retry_after=2,
            )
        try:
            with self._running:
                return compute()
        finally:
            self._admitted.release()
