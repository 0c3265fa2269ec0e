"""The worker: sends what is due, tries again later what failed, and says when mail piles up.

The rows and their claims are in queue.py. A message is sent only while its claim holds for as long
as sending may take, so that no other worker can begin with it meanwhile.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage
from typing import Protocol

from authserver.core import log
from authserver.core.crypto import Keyring
from authserver.core.problems import Unavailable
from authserver.delivery.beside import Beside
from authserver.delivery.outbox import Content, open_content
from authserver.delivery.queue import MAX_ATTEMPTS, Claim, Outbox
from authserver.delivery.transport import DeliveryError, Rejected, Transport, Unreachable

_LOOK_EVERY = 15.0  # seconds; other processes' messages have no other bell
_SENDING = timedelta(minutes=3)  # more than a transport takes at most
_LATE = timedelta(minutes=5)
_SAY_EVERY = 300.0  # seconds

_log = log.get(__name__)


class Render(Protocol):
    """Makes the mail of a message."""

    def __call__(
        self, message_id: str, template: str, content: Content, *, tenant_id: str | None
    ) -> EmailMessage:
        """Return the mail, in the person's language and with the tenant's name."""


class MailWorker(Beside):
    """Sends what is due, when it is woken and every now and then: in a thread, or in `run`."""

    name = "mail"
    patience = 20.0

    def __init__(
        self,
        outbox: Outbox,
        *,
        render: Render,
        transport: Transport,
        keyring: Keyring,
        chores: Sequence[Callable[[], None]] = (),
    ) -> None:
        """Take what it works with; `start` begins.

        `chores` are called between mails: what else a process does on its own.
        """
        super().__init__()
        self._outbox = outbox
        self._render = render
        self._transport = transport
        self._keyring = keyring
        self._chores = chores
        self._said_at = -_SAY_EVERY
        self._unnoted: set[str] = set()  # messages that left while the database was away

    @property
    def way(self) -> str:
        """Say where mail goes."""
        return str(self._transport)

    def run(self) -> None:
        """Work until `end` is called."""
        while not self._stopping:
            self._bell.clear()
            # Whatever goes wrong, the next message finds a worker.
            try:
                self.deliver_due()
                self._say_what_waits()
                for chore in self._chores:
                    chore()
            except Unavailable as down:
                _log.warning("mail_waits", reason=down.detail)
            except Exception:  # noqa: BLE001  the thread is all there is
                _log.exception("mail_worker_failed")
            if not self._stopping:
                self._bell.wait(_LOOK_EVERY)

    def deliver_due(self) -> int:
        """Send everything that is due now; return how many left."""
        delivered, reachable = 0, True
        while reachable and not self._stopping and (claims := self._outbox.claim()):
            rest = deque(claims)
            try:
                while reachable and rest and self._may_send(rest[0]):
                    left, reachable = self._deliver(rest.popleft())
                    delivered += left
            finally:
                self._outbox.release(rest)
        return delivered

    def _may_send(self, claim: Claim) -> bool:
        return not self._stopping and self._outbox.is_ours_for(claim, _SENDING)

    def _deliver(self, claim: Claim) -> tuple[bool, bool]:
        """Send one; return whether it left, and whether others could."""
        try:
            if claim.id not in self._unnoted:
                self._send(claim)
        except Exception as error:  # noqa: BLE001  a poisoned message must not stop the others
            self._refuse(claim, error)
            return False, not isinstance(error, Unreachable)
        self._unnoted.add(claim.id)
        self._outbox.sent(claim)
        self._unnoted.discard(claim.id)
        _log.info("mail_sent", message=claim.id, template=claim.template, attempt=claim.attempt)
        return True, True

    def _send(self, claim: Claim) -> None:
        content = open_content(claim.id, claim.content, self._keyring)
        message = self._render(claim.id, claim.template, content, tenant_id=claim.tenant_id)
        self._transport.send(claim.id, message)

    def _refuse(self, claim: Claim, error: Exception) -> None:
        # Of other people's errors only the kind: their text could hold the address.
        reason = str(error) if isinstance(error, DeliveryError) else type(error).__name__
        if isinstance(error, Rejected):
            self._outbox.given_up(claim, reason)
        else:
            self._outbox.failed(claim, reason)
        dead = isinstance(error, Rejected) or claim.attempt >= MAX_ATTEMPTS
        _log.warning("mail_failed", message=claim.id, error=reason, dead=dead)

    def _say_what_waits(self) -> None:
        if time.monotonic() - self._said_at < _SAY_EVERY:
            return
        backlog = self._outbox.backlog(_LATE)
        if backlog:
            self._said_at = time.monotonic()
            _log.warning("mail_backlog", waiting=backlog.waiting, oldest=backlog.oldest.isoformat())
