"""The worker: moves each stream on, in a thread of its own, so that none waits for another."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from authserver.core import log
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside
from authserver.streaming.reading import Cursors
from authserver.streaming.sinks import Refused, Sink

_LOOK_EVERY = 1.0  # seconds: events get their numbers about as often
_SHARE = 20  # a look takes at most so small a part of the time
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

_log = log.get(__name__)


class StreamWorker(Beside):
    """Moves the streams that the settings name; with several processes, each by one at a time."""

    name = "streams"
    patience = 15.0

    def __init__(self, cursors: Cursors, sinks: Sequence[tuple[str, Sink]]) -> None:
        """Take where the streams are, and their ways out by name; `start` begins."""
        super().__init__()
        self._cursors = cursors
        self._sinks = tuple(sinks)

    def run(self) -> None:
        """Work until `end` is called."""
        if not self._sinks:
            return
        with ThreadPoolExecutor(len(self._sinks), "stream") as pool:
            for name, sink in self._sinks:
                pool.submit(self._keep_moving, name, sink)

    def move_all(self) -> int:
        """Move every stream as far as it goes now; return how many events were taken."""
        return sum(self._move(name, sink) for name, sink in self._sinks)

    def _keep_moving(self, name: str, sink: Sink) -> None:
        pause = _FIRST_PAUSE
        while not self._over.is_set():
            began, moved = time.monotonic(), 0
            try:
                moved = self._move(name, sink)
            except Refused as refused:
                self._note(name, str(refused))
                self._over.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            except Unavailable as down:
                _log.warning("stream_waits", stream=name, reason=down.detail)
            except Exception:  # noqa: BLE001  the thread is all that the stream has
                _log.exception("stream_worker_failed", stream=name)
            pause = _FIRST_PAUSE
            looked = 0.0 if moved else time.monotonic() - began
            self._over.wait(max(_LOOK_EVERY, _SHARE * looked))
        sink.close()
        self._cursors.release(name)

    def _move(self, name: str, sink: Sink) -> int:
        """Send batch after batch until nothing is left; return how many events were taken."""
        moved = 0
        while not self._over.is_set() and self._cursors.is_behind(name):
            if not self._cursors.claim(name):
                break
            lines = self._cursors.batch(name)
            sink.send(lines)
            if not self._cursors.taken(name, lines):
                break
            moved += len(lines)
        return moved

    def _note(self, name: str, error: str) -> None:
        _log.warning("stream_refused", stream=name, error=error)
        try:
            self._cursors.refused(name, error)
        except Unavailable as down:
            _log.warning("stream_waits", stream=name, reason=down.detail)
