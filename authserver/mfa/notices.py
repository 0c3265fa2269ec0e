"""What people are told by mail about their second factor, and what the trail is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.audit.whence import whence, written
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.delivery.outbox import Message, enqueue
from authserver.mfa.policy import FEW_CODES


@dataclass(frozen=True)
class Reports:
    """Tells the trail and the person what was done, in the transaction that does it."""

    trail: Trail
    keyring: Keyring
    clock: Clock

    def record(
        self,
        transaction: Transaction,
        event: EventType,
        user: UserSnapshot,
        *,
        by: Actor,
        resource: str | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Record an event about a person."""
        self.trail.record(
            transaction,
            Event(event, user.tenant_id, by, subject=user.id, resource=resource, facts=facts or {}),
        )

    def send(self, transaction: Transaction, message: Message) -> None:
        """Put a mail into the outbox."""
        enqueue(transaction, message, keyring=self.keyring, now=self.clock.now())


def factor_added(user: UserSnapshot, by: Actor, now: datetime) -> Message:
    """Return the mail that says when and from where an authenticator app was set up."""
    return to_person(user, "factor_added", whence(by, now))


def changed(user: UserSnapshot, template: str, by: Actor, *, now: datetime) -> Message:
    """Return the mail about a change of the person's own that needs no more words than whence."""
    return to_person(user, template, whence(by, now))


def factor_removed(user: UserSnapshot, _name: str, by: Actor, *, now: datetime) -> Message:
    """Return the mail that says when and from where an authenticator app was removed."""
    return changed(user, "factor_removed", by, now=now)


def factor_refused(user: UserSnapshot, by: Actor, *, times: int, now: datetime) -> Message:
    """Return the mail about somebody who had the right password, and the second factor wrong."""
    return to_person(user, "factor_refused", {"times": str(times), **whence(by, now)})


def factor_locked(
    user: UserSnapshot, by: Actor, *, until: datetime, closed: bool, now: datetime
) -> Message:
    """Return the mail about too many wrong codes. `closed`: only an administrator helps now."""
    values = {"until": "" if closed else written(until), **whence(by, now)}
    return to_person(user, "factor_locked", values)


def passkey_locked(
    user: UserSnapshot, by: Actor, *, until: datetime, closed: bool, now: datetime
) -> Message:
    """Return the mail about too many passkeys that proved nothing; codes are not concerned."""
    return replace(
        factor_locked(user, by, until=until, closed=closed, now=now), template="passkey_locked"
    )


def backup_code_used(user: UserSnapshot, by: Actor, *, left: int, now: datetime) -> Message:
    """Return the mail about a used backup code, with a warning where few are left."""
    values = {"left": str(left), "few": "yes" if left <= FEW_CODES else "", **whence(by, now)}
    return to_person(user, "backup_code_used", values)


def factors_reset(user: UserSnapshot, now: datetime) -> Message:
    """Return the mail that says that an administrator took the second factor away."""
    return to_person(user, "factors_reset", {"time": written(now)})
