"""A layer that is made when somebody first asks for it."""

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Later:
    """Answers what lies below some paths by an application made for the first request there."""

    def __init__(
        self,
        next_lane: "WSGIApplication",
        below: tuple[str, ...],
        make: "Callable[[], WSGIApplication]",
    ) -> None:
        """Take what follows, the first parts of the paths, and what makes the application."""
        self._next = next_lane
        self._below = frozenset(below)
        self._make = make
        self._lock = threading.Lock()
        self._made: WSGIApplication | None = None

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request, or pass it on."""
        root, _, rest = environ["PATH_INFO"].partition("/")
        below = not root and rest.partition("/")[0] in self._below
        layer = self.made() if below else self._next
        return layer(environ, start_response)

    def made(self) -> "WSGIApplication":
        """Return the application; one thread makes it, the others that need it wait."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = self._make()
        return self._made
