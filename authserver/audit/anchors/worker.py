"""The worker: sends each anchor the checkpoints that it has not yet, at least once.

It works where the sequencer leads: what a leader that died sent may come again.
"""

import time
from collections.abc import Callable, Mapping

from authserver.audit.anchors.comparing import Comparison
from authserver.audit.anchors.standing import Standings
from authserver.audit.anchors.values import Anchor, Denied, Refused
from authserver.core import log
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside

_LOOK_EVERY = 5.0  # seconds
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

_log = log.get(__name__)


class AnchorWorker(Beside):
    """Sends checkpoints; an anchor that refuses is tried again, ever more seldom."""

    name = "anchors"
    patience = 15.0

    def __init__(
        self,
        anchors: Mapping[str, Anchor],
        standings: Standings,
        comparison: Comparison,
        *,
        leads: Callable[[], bool],
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the anchors by name, how far they are, and what tells whether it is our turn."""
        super().__init__()
        self._anchors = anchors
        self._standings = standings
        self._comparison = comparison
        self._leads = leads
        self._watch = watch
        self._pauses: dict[str, tuple[float, float]] = {}  # until when, and how long it was

    def run(self) -> None:
        """Work until `end` is called."""
        while self._anchors and not self._stopping:
            self._bell.clear()
            if self._leads():
                self.round()
            if not self._stopping:
                self._bell.wait(_LOOK_EVERY)

    def round(self) -> int:
        """Send what waits to every anchor that does not rest; return how many were taken."""
        return sum(self._safely(name) for name in self._anchors if not self._rests(name))

    def _rests(self, name: str) -> bool:
        return self._watch() < self._pauses.get(name, (0.0, 0.0))[0]

    def _safely(self, name: str) -> int:
        try:
            taken = self._move(name, self._anchors[name])
        except Refused as refused:
            self._rest(name)
            _log.warning("trail_anchor_refused", anchor=name, error=str(refused))
            self._note(name, str(refused))
        except Denied as denied:
            self._rest(name)
            self._comparison.noted(name, denied.denial)
            self._note(name, f"it knows another history: {denied}")
        except Unavailable as down:
            _log.warning("trail_anchor_waits", anchor=name, reason=down.detail)
        except Exception:  # noqa: BLE001  the thread is all there is
            self._rest(name)
            _log.exception("trail_anchor_failed", anchor=name)
        else:
            self._pauses.pop(name, None)
            return taken
        return 0

    def _move(self, name: str, anchor: Anchor) -> int:
        moved = 0
        while waiting := self._standings.waiting(name, newest_alone=anchor.newest_alone):
            anchor.send(waiting)
            self._standings.taken(name, waiting[-1].number)
            moved += len(waiting)
            if self._stopping:
                break
        return moved

    def _rest(self, name: str) -> None:
        pause = min(2 * self._pauses.get(name, (0.0, _FIRST_PAUSE / 2))[1], _LONGEST_PAUSE)
        self._pauses[name] = (self._watch() + pause, pause)

    def _note(self, name: str, error: str) -> None:
        try:
            self._standings.refused(name, error)
        except Unavailable as down:
            _log.warning("trail_anchor_waits", anchor=name, reason=down.detail)
