"""Work that goes on beside the server: in a thread of its own, or in `run` of a command."""

import threading
from abc import ABC, abstractmethod


class Beside(ABC):
    """Works when it is woken, and every now and then, until it is to end."""

    name: str
    """What the thread is called."""
    patience: float
    """Seconds; what is under way after them is done again when its lease is over."""

    def __init__(self) -> None:
        """Begin nothing yet: `start` does."""
        self._bell = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def run(self) -> None:
        """Work until `end` is called."""

    def start(self) -> None:
        """Begin to work beside the server."""
        self._over.clear()
        self._thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way, give back what was not begun, and end."""
        self._end_within(self.patience)

    def finish(self) -> None:
        """End like `stop`, however long what is under way takes."""
        self._end_within(None)

    def end(self) -> None:
        """Let `run` return after what is under way."""
        self._over.set()
        self._bell.set()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._bell.set()

    @property
    def _stopping(self) -> bool:
        return self._over.is_set()

    def _end_within(self, seconds: float | None) -> None:
        self.end()
        if self._thread:
            self._thread.join(seconds)
            self._thread = None
