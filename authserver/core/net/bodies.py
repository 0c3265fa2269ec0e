"""How many requests may wait at once for what their senders promised to send.

A body is read in the thread that answers, and nothing ends a read for which nobody sends: not the
interface (WSGI), nor the server below. So some threads never read: whatever is asked without a body
is answered, however many half requests are held open. Ending those is a proxy's work.
"""

from collections.abc import MutableMapping
from queue import Empty, SimpleQueue
from typing import Any

from authserver.core.problems import Unavailable

_INPUT = "wsgi.input"
_PATIENCE = 0.1  # seconds; what was sent whole is read in much less


class Bodies:
    """Counts the threads that read: each takes a turn and puts it back."""

    def __init__(self, most: int, *, patience: float = _PATIENCE) -> None:
        """Take how many may read at once, and the seconds that one more waits for its turn."""
        self._patience = patience
        self._turns: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self._turns.put(None)

    def guard(self, environ: MutableMapping[str, Any]) -> None:
        """Let the body of a request be read only by turns; most requests have none."""
        if (
            environ.get("CONTENT_LENGTH", "0") not in {"0", ""}
            or "HTTP_TRANSFER_ENCODING" in environ
        ):
            environ[_INPUT] = _Body(environ[_INPUT], self)

    def enter(self) -> None:
        """Take a turn. Raises Unavailable where others hold all of them."""
        try:
            self._turns.get(timeout=self._patience)
        except Empty:
            raise Unavailable("Too many requests are being sent.", detail="slow bodies") from None

    def leave(self) -> None:
        """Give the turn to the next."""
        self._turns.put(None)


class _Body:
    """What WSGI calls an input."""

    def __init__(self, body: Any, bodies: Bodies) -> None:  # noqa: ANN401  the server's own type
        self._body = body
        self._bodies = bodies

    def read(self, size: int = -1) -> bytes:
        return self._by_turns("read", size)

    def readline(self, size: int = -1) -> bytes:
        return self._by_turns("readline", size)

    def _by_turns(self, how: str, size: int) -> bytes:
        self._bodies.enter()
        try:
            found: bytes = getattr(self._body, how)(*([size] if size >= 0 else []))
            return found
        finally:
            self._bodies.leave()
