"""What the services of passkeys work with, and what they have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, EventType
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.net.browsers import recognise
from authserver.delivery.outbox import Message
from authserver.mfa.guessing import Guessing
from authserver.mfa.notices import Reports
from authserver.mfa.passkeys import notices
from authserver.mfa.service import SecondFactors
from authserver.passkeys import challenges, credentials
from authserver.passkeys.challenges import Bound
from authserver.passkeys.credentials import Listed
from authserver.passkeys.names import suggested
from authserver.passkeys.party import RelyingParty, read
from authserver.passkeys.policy import MOST
from authserver.passkeys.values import AnswerRefused, Person
from authserver.tenants.models import Tenant


@dataclass(frozen=True)
class Tools:
    """Part of somebody else's job: nothing here commits."""

    factors: SecondFactors
    guessing: Guessing
    party: RelyingParty
    reports: Reports
    clock: Clock

    def now(self) -> datetime:
        """Return the time."""
        return self.clock.now()

    def offer(self, transaction: Transaction, user: UserSnapshot, bound: Bound) -> str | None:
        """Return the options for a new passkey, as JSON; None where there are enough of them."""
        known = credentials.ids_of(transaction, user)
        if len(known) >= MOST or not self.party.usable:
            return None
        handle = credentials.owner(transaction, user, now=self.now()).handle
        name = transaction.tenant(user.tenant_id).scalars(select(Tenant.name)).one()
        challenge = challenges.issue(transaction, bound, now=self.now())
        person = Person(handle, user.email, user.name, name)
        return self.party.creation(person, challenge, known=known)

    def take(
        self, transaction: Transaction, user: UserSnapshot, text: str, *, bound: Bound, by: Actor
    ) -> Listed | None:
        """Store the passkey that a browser made, tell trail and person; None if it is refused.

        The caller holds the person's row.
        """
        try:
            answer = read(text)
            if not challenges.claim(transaction, answer.challenge, bound, now=self.now()):
                return None
            made = self.party.made(answer)
        except AnswerRefused:
            return None
        if credentials.is_known(transaction, made.credential_id):
            return None
        if len(credentials.ours_of(transaction, user)) >= MOST:
            return None
        name = suggested(made.aaguid, str(recognise(by.user_agent)))
        kept = credentials.keep(transaction, user, made, name=name, now=self.now())
        facts = {"synced": kept.synced, "model": made.aaguid}
        self.record(transaction, EventType.PASSKEY_ADDED, user, by=by, about=kept.id, facts=facts)
        self.send(transaction, notices.added(user, kept.name, by, now=self.now()))
        return kept

    def record(
        self,
        transaction: Transaction,
        event: EventType,
        user: UserSnapshot,
        *,
        by: Actor,
        about: str,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Record an event about a passkey."""
        self.reports.record(
            transaction, event, user, by=by, resource=f"passkey:{about}", facts=facts
        )

    def send(self, transaction: Transaction, message: Message) -> None:
        """Put a mail into the outbox."""
        self.reports.send(transaction, message)
