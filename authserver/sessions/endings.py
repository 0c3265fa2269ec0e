"""Sessions that an operator ends: everybody's of a tenant, tenants/service.py does."""

from dataclasses import dataclass, replace

from authserver.accounts.directory import snapshot
from authserver.accounts.notices import sessions_ended
from authserver.accounts.service import AccountService
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.delivery.outbox import enqueue


@dataclass(frozen=True)
class Endings:
    """Ends what a person is signed in to. An actor without a principal is the operator."""

    accounts: AccountService
    trail: Trail
    keyring: Keyring
    clock: Clock

    def of_person(
        self, transaction: Transaction, tenant_id: str, user_id: str, *, actor: Actor
    ) -> None:
        """End every session and token of a person, in guest accounts too, and tell them by mail.

        Password, factors and known browsers stay as they are. Raises NotFound.
        """
        user = self.accounts.end_everything(transaction, tenant_id, user_id=user_id)
        by = replace(actor, principal=actor.principal or tenant_id)
        event = Event(EventType.USER_SESSIONS_ENDED, tenant_id, by, subject=user_id)
        self.trail.record(transaction, event)
        now = self.clock.now()
        message = sessions_ended(snapshot(user), now=now)
        enqueue(transaction, message, keyring=self.keyring, now=now)
