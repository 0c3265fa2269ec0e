"""The worker: makes deliveries that are due, many at once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait

from authserver.core import log
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside
from authserver.webhooks.sending.outcomes import Attempt, Failure, Outcomes
from authserver.webhooks.sending.queue import OF_TENANT, Busy, WebhookQueue
from authserver.webhooks.sending.sender import AT_ONCE, Lost, TooMany, Undelivered, WebhookSender

_LOOK_EVERY = 2.0  # seconds; other processes' events have no other bell

_log = log.get(__name__)


class WebhookWorker(Beside):
    """Delivers, when it is woken and every now and then: in a thread, or in `run`."""

    name = "webhooks"
    patience = 15.0

    def __init__(self, queue: WebhookQueue, sender: WebhookSender, outcomes: Outcomes) -> None:
        """Take what it works with; `start` begins."""
        super().__init__()
        self.queue = queue
        self._sender = sender
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self._of_endpoints: Counter[str] = Counter()  # under way
        self._of_tenants: Counter[str] = Counter()

    def run(self) -> None:
        """Work until `end` is called."""
        with ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
            while not self._stopping:
                self._bell.clear()
                # Whatever goes wrong, the next event finds a worker.
                try:
                    self._hand_out(pool)
                except Unavailable as down:
                    _log.warning("webhooks_wait", reason=down.detail)
                except Exception:  # noqa: BLE001  the thread is all there is
                    _log.exception("webhook_worker_failed")
                if not self._stopping:
                    self._bell.wait(_LOOK_EVERY)

    def deliver_due(self) -> int:
        """Make all deliveries that are due now; return how many arrived."""
        took = 0
        with ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
            while claims := self.queue.claim(AT_ONCE):
                done, _ = wait([pool.submit(self._deliver, claim) for claim in claims])
                took += sum(one.result() for one in done)
        return took

    def _hand_out(self, pool: ThreadPoolExecutor) -> None:
        """Give claims to the threads that are free, none to an endpoint that has some already."""
        while not self._stopping:
            with self._lock:
                free = AT_ONCE - self._of_endpoints.total()
                full = [one for one, count in self._of_tenants.items() if count >= OF_TENANT]
                busy = Busy(tuple(self._of_endpoints), tuple(full))
            claims = self.queue.claim(free, busy) if free > 0 else []
            if not claims:
                return
            with self._lock:
                self._of_endpoints.update(claim.endpoint_id for claim in claims)
                self._of_tenants.update(claim.tenant_id for claim in claims)
            for claim in claims:
                pool.submit(self._work_on, claim)

    def _work_on(self, claim: Attempt) -> None:
        try:
            self._deliver(claim)
        except Exception:  # noqa: BLE001  its lease ends, and somebody tries again
            _log.exception("webhook_not_settled", delivery=claim.id)
        finally:
            with self._lock:
                # `-` drops what is at zero.
                self._of_endpoints -= Counter((claim.endpoint_id,))
                self._of_tenants -= Counter((claim.tenant_id,))
            self._bell.set()

    def _deliver(self, claim: Attempt) -> bool:
        """Make one attempt; return whether it arrived."""
        try:
            status = self._sender.send(claim)
        except TooMany:
            self._outcomes.put_off(claim)
        except Lost:
            self._outcomes.lost(claim, "the event is not there any more")
        except Exception as error:  # noqa: BLE001  one that cannot be made must not stop the others
            self._refuse(claim, error)
        else:
            self._outcomes.sent(claim, status)
            _log.info("webhook_sent", delivery=claim.id, endpoint=claim.endpoint_id)
            return True
        return False

    def _refuse(self, claim: Attempt, error: Exception) -> None:
        # Of other people's errors only the kind: their text could hold anything.
        other = Failure(type(error).__name__)
        failure = error.failure if isinstance(error, Undelivered) else other
        self._outcomes.failed(claim, failure)
        _log.warning("webhook_failed", delivery=claim.id, error=failure.error)
