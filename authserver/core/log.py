"""Structured logs: one JSON object a line, with the correlation id of the request.

Values come from outsiders: JSON encoding keeps them on their line. Secrets and personal data are
never passed here; the access line holds no query string, because codes travel in it.
"""

import logging
import os
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing.util import Finalize
from typing import Any, cast

import orjson
import structlog

_HELD_SECONDS = 0.1
HELD_LINES = 128  # at most, however busy everybody is: they take memory
_threshold = [logging.INFO]


def configure(level: str, *, pretty: bool = False) -> None:
    """Set up logging for the process. `level` is a name of the logging module."""
    _threshold[0] = logging.getLevelName(level)
    renderer: Any = structlog.dev.ConsoleRenderer() if pretty else _render
    factory: Any = (
        structlog.PrintLoggerFactory(sys.stderr)
        if pretty
        else structlog.BytesLoggerFactory(cast("Any", _output))
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_threshold[0]),
        logger_factory=factory,
        cache_logger_on_first_use=True,
    )
    # Authlib prints tokens at DEBUG.
    logging.getLogger("authlib").setLevel(max(logging.INFO, _threshold[0]))


def access(method: str, path: str, *, status: int, seconds: float, correlation_id: str) -> None:
    """Write a request's line: the form of every other, at most a tenth of a second later."""
    if _threshold[0] <= logging.INFO:
        fields = {
            "event": "request",
            "method": method,
            "path": path,
            "status": status,
            "milliseconds": int(seconds * 100_000) / 100,
            "correlation_id": correlation_id,
            "level": "info",
            "timestamp": datetime.now(UTC),
        }
        _output.hold(orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE))


class _Output:
    """Standard error. Access lines wait a moment, so that many share a system call.

    They go out before any other line, and when the process ends.
    """

    def __init__(self) -> None:
        self._held: deque[bytes] = deque()
        self._some = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, line: bytes) -> None:
        """Write a line soon."""
        self._held.append(line)
        if len(self._held) >= HELD_LINES:
            self.finish()
        if self._some.is_set():
            return
        self._some.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_soon, daemon=True, name="log")
            self._thread.start()
            # A worker that was forked ends without atexit, but with this.
            Finalize(None, self.finish, exitpriority=1)

    def write(self, data: bytes) -> None:
        """Write what waits, then this."""
        lines = []
        with suppress(IndexError):  # others may write at the same time
            while True:
                lines.append(self._held.popleft())
        sys.stderr.buffer.write(b"".join([*lines, data]))

    def flush(self) -> None:
        """Pass on what was written."""
        sys.stderr.buffer.flush()

    def finish(self) -> None:
        """Write what waits; nobody may be there to read it any more."""
        with suppress(ValueError, OSError):
            self.write(b"")
            self.flush()

    def _write_soon(self) -> None:
        while self._some.wait():
            time.sleep(_HELD_SECONDS)
            self._some.clear()
            self.finish()


_output = _Output()
# Threads do not survive a fork: a child begins anew.
os.register_at_fork(after_in_child=_output.__init__)  # type: ignore[misc]  # its state is all there is


def flush() -> None:
    """Write what waits now."""
    _output.finish()


def get(name: str) -> Any:  # noqa: ANN401  structlog's proxy
    """Return a logger; call it with an event name and fields."""
    return structlog.get_logger(component=name)


def _render(_logger: object, _method: str, event: dict[str, Any]) -> bytes:
    return orjson.dumps(event, default=str)
