"""What became of an attempt: of the delivery, and of the endpoint. A named platform service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.delivery.outbox import enqueue
from authserver.webhooks.models import MAX_ANSWER, MAX_ERROR, WebhookDelivery, WebhookEndpoint
from authserver.webhooks.policy import pause_after, pause_for, rest_after
from authserver.webhooks.sending import notices

Administrators = Callable[[Transaction, str], list[UserSnapshot]]
_BUSY_PAUSE = timedelta(seconds=2)
_Row = WebhookDelivery


@dataclass(frozen=True)
class Attempt:
    """An attempt that is ours until its lease is over."""

    id: str
    tenant_id: str
    endpoint_id: str
    event_id: str
    number: int
    gives_up_at: datetime
    until: datetime


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed: the status and the beginning of the answer, where there was one."""

    error: str
    status: int | None = None
    answer: str | None = None


@dataclass(frozen=True)
class Outcomes:
    """Notes them. `administrators` of a tenant get the mail; `spread` is from 0 to 1."""

    database: Database
    trail: Trail
    keyring: Keyring
    clock: Clock
    administrators: Administrators
    spread: Callable[[], float] = lambda: 0.0

    def sent(self, attempt: Attempt, status: int) -> None:
        """Note that the endpoint took it."""
        values = {"sent_at": self.clock.now(), "status": status, "error": None, "answer": None}

        def job(transaction: Transaction) -> None:
            if self._settle(transaction, attempt, **values):
                recovered = update(WebhookEndpoint).where(
                    WebhookEndpoint.id == attempt.endpoint_id, WebhookEndpoint.failures > 0
                )
                well = recovered.values(failures=0, failing_since=None, rests_until=None)
                transaction.tenant(attempt.tenant_id).execute(
                    well.execution_options(synchronize_session=False)
                )

        self.database.write(job)

    def put_off(self, attempt: Attempt) -> None:
        """Try again in a moment, as if nothing had been tried: there were too many at once."""
        values = {"due_at": self.clock.now() + _BUSY_PAUSE, "attempts": attempt.number - 1}
        self.database.write(lambda tx: self._settle(tx, attempt, **values))

    def failed(self, attempt: Attempt, failure: Failure) -> None:
        """Note why an attempt failed, and when the next one is due: after three days, never."""
        now = self.clock.now()
        last = now >= attempt.gives_up_at
        next_at = min(now + pause_after(attempt.number, self.spread()), attempt.gives_up_at)
        values = {
            "status": failure.status,
            "error": failure.error[:MAX_ERROR],
            "answer": failure.answer and failure.answer[:MAX_ANSWER],
            **({"failed_at": now} if last else {"due_at": next_at}),
        }

        def job(transaction: Transaction) -> None:
            if self._settle(transaction, attempt, **values):
                if last:
                    self._given_up(transaction, attempt, failure.error[:MAX_ERROR])
                self._note_failure(transaction, attempt, failure)

        self.database.write(job)

    def lost(self, attempt: Attempt, error: str) -> None:
        """Note that there is nothing to send: no failure of the endpoint."""
        values = {"failed_at": self.clock.now(), "error": error[:MAX_ERROR]}
        self.database.write(lambda tx: self._settle(tx, attempt, **values))

    def _settle(self, transaction: Transaction, attempt: Attempt, **values: object) -> bool:
        """Change a row that is still ours; tell whether it was."""
        change = (
            update(_Row)
            .where(
                _Row.id == attempt.id,
                _Row.attempts == attempt.number,
                _Row.claimed_until == attempt.until,
                _Row.sent_at.is_(None),
                _Row.failed_at.is_(None),
            )
            .values(claimed_until=None, **values)
            .returning(_Row.id)
            .execution_options(synchronize_session=False)
        )
        return transaction.tenant(attempt.tenant_id).execute(change).first() is not None

    def _note_failure(self, transaction: Transaction, attempt: Attempt, failure: Failure) -> None:
        session, now = transaction.tenant(attempt.tenant_id), self.clock.now()
        row = session.get(WebhookEndpoint, attempt.endpoint_id, with_for_update=True)
        if row is None:
            return
        row.failures += 1
        row.failing_since = row.failing_since or now
        row.rests_until = now + rest_after(row.failures)
        why = pause_for(failure.status, row.failing_since, now)
        if why is None or row.paused_at is not None:
            return
        row.paused_at, row.paused_why = now, why.value
        row.version += 1
        for user in self.administrators(transaction, attempt.tenant_id):
            message = notices.webhook_paused(user, row.url, why, since=row.failing_since)
            enqueue(transaction, message, keyring=self.keyring, now=now)
        facts = {"reason": why.value, "failing_since": row.failing_since.isoformat()}
        self._record(transaction, EventType.WEBHOOK_PAUSED, attempt, facts=facts)

    def _given_up(self, transaction: Transaction, attempt: Attempt, reason: str) -> None:
        facts = {"delivery": attempt.id, "event": attempt.event_id, "reason": reason}
        self._record(transaction, EventType.WEBHOOK_DELIVERY_GIVEN_UP, attempt, facts=facts)

    def _record(
        self,
        transaction: Transaction,
        type_: EventType,
        attempt: Attempt,
        *,
        facts: Mapping[str, object],
    ) -> None:
        by = Actor(ActorKind.SERVER, attempt.tenant_id, new_id("req"))
        event = Event(type_, attempt.tenant_id, by, resource=attempt.endpoint_id, facts=facts)
        self.trail.record(transaction, event)
