"""What the issuer said of keys, for a few seconds."""

import threading
from collections.abc import Callable, Mapping

Answer = Mapping[str, object]

MOST_SECONDS = 5.0
_MOST = 10_000


class Answers:
    """Remembers answers by the key's hash and the caller's address; safe between threads."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        """Take for how long, 0 to 5 seconds, and what counts seconds without ever going back."""
        if not 0 <= seconds <= MOST_SECONDS:
            raise ValueError(f"answers about keys are kept for 0 to {MOST_SECONDS:.0f} seconds")
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[bytes, str], tuple[float, Answer]] = {}
        self.generation = 0

    def find(self, name: tuple[bytes, str]) -> Answer | None:
        """Return an answer that is young enough."""
        with self._lock:
            until, answer = self._kept.get(name, (0.0, {}))
        return answer if self._clock() < until else None

    def keep(self, name: tuple[bytes, str], answer: Answer, *, asked: float, of: int) -> None:
        """Remember an answer from the moment it was asked for, unless all was forgotten since.

        `of` is the generation at that moment.
        """
        with self._lock:
            if of != self.generation or self._seconds == 0:
                return
            if len(self._kept) >= _MOST:
                now = self._clock()
                self._kept = {n: kept for n, kept in self._kept.items() if kept[0] > now}
                if len(self._kept) >= _MOST:
                    self._kept.clear()
            self._kept[name] = (asked + self._seconds, answer)

    def forget(self) -> None:
        """Forget everything: something has ended somewhere."""
        with self._lock:
            self.generation += 1
            self._kept.clear()
