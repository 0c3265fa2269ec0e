"""The worker: finds what ended, and tells clients of it, many at once.

A slow client has a few threads at most: the others go on. How often it looks depends on what a look
costs: with many sessions, less often.
"""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait

from authserver.core import log
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside
from authserver.oauth.logout.queue import MAX_ATTEMPTS, Claim, LogoutQueue
from authserver.oauth.logout.sender import (
    AT_ONCE,
    OF_EACH,
    LogoutSender,
    NotWanted,
    TooMany,
    Undelivered,
)

_LOOK_EVERY = 2.0  # seconds; other processes' sign-outs have no other bell
_SHARE = 20  # a look takes at most so small a part of the time

_log = log.get(__name__)


class LogoutWorker(Beside):
    """Tells clients, when it is woken and every now and then: in a thread, or in `run`."""

    name = "logout"
    patience = 10.0

    def __init__(self, queue: LogoutQueue, sender: LogoutSender) -> None:
        """Take what it works with; `start` begins."""
        super().__init__()
        self.queue = queue
        self._sender = sender
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()  # by client
        self._next_look = 0.0

    def run(self) -> None:
        """Work until `end` is called."""
        with ThreadPoolExecutor(AT_ONCE, "logout") as pool:
            while not self._stopping:
                self._bell.clear()
                # Whatever goes wrong, the next session finds a worker.
                try:
                    self._look()
                    self._hand_out(pool)
                except Unavailable as down:
                    _log.warning("logout_waits", reason=down.detail)
                except Exception:  # noqa: BLE001  the thread is all there is
                    _log.exception("logout_worker_failed")
                if not self._stopping:
                    self._bell.wait(_LOOK_EVERY)

    def deliver_due(self) -> int:
        """Look, and tell all clients that are due now; return how many took it."""
        self.queue.sweep()
        took = 0
        with ThreadPoolExecutor(AT_ONCE, "logout") as pool:
            while claims := self.queue.claim(AT_ONCE, of_each=OF_EACH):
                done, _ = wait([pool.submit(self._deliver, claim) for claim in claims])
                took += sum(one.result() for one in done)
        return took

    def _look(self) -> None:
        began = time.monotonic()
        if began < self._next_look:
            return
        self.queue.sweep()
        ended = time.monotonic()
        self._next_look = ended + _SHARE * (ended - began)

    def _hand_out(self, pool: ThreadPoolExecutor) -> None:
        """Give claims to the threads that are free, none to a client that has some already."""
        while not self._stopping:
            with self._lock:
                free, busy = AT_ONCE - self._under_way.total(), tuple(self._under_way)
            claims = self.queue.claim(free, of_each=OF_EACH, without=busy) if free > 0 else []
            if not claims:
                return
            with self._lock:
                self._under_way.update(claim.client_id for claim in claims)
            for claim in claims:
                pool.submit(self._work_on, claim)

    def _work_on(self, claim: Claim) -> None:
        try:
            self._deliver(claim)
        except Exception:  # noqa: BLE001  its lease ends, and somebody tries again
            _log.exception("logout_not_settled", notice=claim.id)
        finally:
            with self._lock:
                self._under_way[claim.client_id] -= 1
                self._under_way += Counter()  # drops what is at zero
            self._bell.set()

    def _deliver(self, claim: Claim) -> bool:
        """Tell one client; return whether it took it."""
        try:
            self._sender.send(claim)
        except NotWanted:
            self.queue.not_wanted(claim)
        except TooMany:
            self.queue.put_off(claim)
        except Exception as error:  # noqa: BLE001  one that cannot be made must not stop the others
            self._refuse(claim, error)
        else:
            self.queue.sent(claim)
            _log.info("logout_sent", notice=claim.id, client=claim.client_id)
            return True
        return False

    def _refuse(self, claim: Claim, error: Exception) -> None:
        reason = str(error) if isinstance(error, Undelivered) else type(error).__name__
        self.queue.failed(claim, reason)
        dead = claim.attempt >= MAX_ATTEMPTS
        _log.warning("logout_failed", notice=claim.id, error=reason, dead=dead)
