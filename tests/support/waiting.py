"""Waiting for what another process does, with an end."""

import time
from collections.abc import Callable

PATIENCE = 60.0
POLL = 0.02


class ProcessError(AssertionError):
    """A command or a server did not do what it should; the text holds what it said."""


def wait_for(condition: Callable[[], bool], what: str, *, patience: float = PATIENCE) -> None:
    """Return when the condition holds. Raises ProcessError when it takes too long."""
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            raise ProcessError(f"waited too long for {what}")
        time.sleep(POLL)
