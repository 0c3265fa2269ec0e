"""The worker: claims due rows for a while, sends them, and tries again later what failed.

A claim is one conditional UPDATE, so any number of workers, in any number of processes, share an
outbox. A row whose worker died is claimed again when the lease is over; transports recognise the
message by its id and do not send it twice (F-35, F-42). A named platform service.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_, select, update

from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Content, open_content

_BATCH = 20
_LEASE = timedelta(minutes=5)
_LOOK_EVERY = 15.0  # seconds; other processes' messages have no other bell
MAX_ATTEMPTS = 10
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
_MAX_ERROR = 200

_log = log.get(__name__)


class Transport(Protocol):
    """A way out. `send` returns when the message is handed over for good, or raises."""

    def send(self, message_id: str, message: EmailMessage) -> None:
        """Hand the message over, unless one with this id was handed over before."""


Render = Callable[[str, str, Content], EmailMessage]


@dataclass(frozen=True)
class _Claim:
    """A row that is ours until the lease is over."""

    id: str
    template: str
    content: bytes
    attempt: int


class Outbox:
    """The rows, as a worker sees them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take where the rows are, and the time."""
        self._database = database
        self._clock = clock

    def claim(self) -> list[_Claim]:
        """Take due rows for five minutes. Each attempt counts when it begins."""
        with self._database.read() as view:
            due = view.platform().scalars(select(OutboxMessage.id).where(self._due()).limit(1))
            if due.first() is None:
                return []
        return self._database.write(self._take)

    def _take(self, transaction: Transaction) -> list[_Claim]:
        first = select(OutboxMessage.id).where(self._due()).order_by(OutboxMessage.due_at)
        taken = (
            update(OutboxMessage)
            # The condition stands twice: where two take the same row, the second finds it gone.
            .where(OutboxMessage.id.in_(first.limit(_BATCH)), self._due())
            .values(claimed_until=self._clock.now() + _LEASE, attempts=OutboxMessage.attempts + 1)
            .returning(
                OutboxMessage.id,
                OutboxMessage.template,
                OutboxMessage.content,
                OutboxMessage.attempts,
            )
            .execution_options(synchronize_session=False)
        )
        return [_Claim(*row) for row in transaction.platform().execute(taken)]

    def _due(self) -> ColumnElement[bool]:
        now = self._clock.now()
        free = or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now)
        return and_(
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.attempts < MAX_ATTEMPTS,
            free,
        )

    def sent(self, claim: _Claim) -> None:
        """Note that a message left. What it said is no longer needed here."""
        now = self._clock.now()
        self._settle(claim, sent_at=now, claimed_until=None, content=b"", last_error=None)

    def failed(self, claim: _Claim, error: str) -> None:
        """Note why an attempt failed, and when the next one is due: after the last, never."""
        pause = min(_FIRST_PAUSE * 2 ** (claim.attempt - 1), _LONGEST_PAUSE)
        due_at = self._clock.now() + pause
        self._settle(claim, due_at=due_at, claimed_until=None, last_error=error[:_MAX_ERROR])

    def _settle(self, claim: _Claim, **values: object) -> None:
        ours = update(OutboxMessage).where(
            OutboxMessage.id == claim.id,
            OutboxMessage.attempts == claim.attempt,
            OutboxMessage.sent_at.is_(None),
        )
        change = ours.values(**values).execution_options(synchronize_session=False)

        def settle(transaction: Transaction) -> None:
            transaction.platform().execute(change)

        self._database.write(settle)


class MailWorker:
    """A thread that sends what is due, when it is woken and every now and then."""

    def __init__(
        self, outbox: Outbox, *, render: Render, transport: Transport, keyring: Keyring
    ) -> None:
        """Take what it works with; `start` begins."""
        self._outbox = outbox
        self._render = render
        self._transport = transport
        self._keyring = keyring
        self._bell = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work beside the server."""
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="mail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the message at hand and end."""
        self._stopping = True
        self._bell.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Say that there is something to send."""
        self._bell.set()

    def _work(self) -> None:
        while not self._stopping:
            self._bell.clear()
            # Whatever goes wrong, the next message finds a worker.
            try:
                self.deliver_due()
            except Unavailable as down:
                _log.warning("mail_waits", reason=down.detail)
            except Exception:  # noqa: BLE001  the thread is all there is
                _log.exception("mail_worker_failed")
            if not self._stopping:
                self._bell.wait(_LOOK_EVERY)

    def deliver_due(self) -> int:
        """Send everything that is due now; return how many left."""
        delivered = 0
        while not self._stopping and (claims := self._outbox.claim()):
            delivered += sum(self._deliver(claim) for claim in claims)
        return delivered

    def _deliver(self, claim: _Claim) -> bool:
        try:
            content = open_content(claim.id, claim.content, self._keyring)
            self._transport.send(claim.id, self._render(claim.id, claim.template, content))
        except Exception as error:  # noqa: BLE001  a poisoned message must not stop the others
            self._refuse(claim, error)
            return False
        self._outbox.sent(claim)
        return True

    def _refuse(self, claim: _Claim, error: Exception) -> None:
        # Only the kind of error: its text could hold the address.
        self._outbox.failed(claim, type(error).__name__)
        dead = claim.attempt >= MAX_ATTEMPTS
        _log.warning("mail_failed", message=claim.id, error=type(error).__name__, dead=dead)
