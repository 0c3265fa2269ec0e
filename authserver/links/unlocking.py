"""Lifting a lock: the mail that tells of it carries a link, which goes to the mailbox alone.

The lock of untrusted devices ends; the count of failures stays, so that the next lock comes after
five more and lasts twice as long: who guesses wins nothing by the owner's click.
"""

from dataclasses import replace

from authserver.accounts.attempts import lockout
from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.links.policy import Purpose
from authserver.links.recovery import Tools
from authserver.links.service import Account, account_now


class Unlocking:
    """Makes the links for the mails of the lockout, and lifts locks."""

    def __init__(self, tools: Tools) -> None:
        """Take what it works with."""
        self._tools = tools

    def url(self, transaction: Transaction, user: UserSnapshot) -> str:
        """Return the URL for the mail about a new lock; those of earlier mails end."""
        account = account_now(transaction, user.tenant_id, user.id)
        if account is None:
            raise LookupError(user.id)
        issuer = self._tools.links.issuer_of(transaction, user.tenant_id)
        return self._tools.links.issue(transaction, account, Purpose.UNLOCK, issuer=issuer).url

    def look(self, token: str, issuer: str) -> Account:
        """Return whose lock the link lifts. Raises LinkClosed."""
        with self._tools.database.read() as view:
            return self._tools.links.look(view, token, Purpose.UNLOCK, issuer=issuer)

    def unlock(self, token: str, *, issuer: str, actor: Actor) -> None:
        """Lift the lock of untrusted devices. Raises LinkClosed."""
        self._tools.database.write(
            lambda transaction: self._lift(transaction, token, issuer=issuer, actor=actor)
        )

    def _lift(self, transaction: Transaction, token: str, *, issuer: str, actor: Actor) -> None:
        account = self._tools.links.claim(transaction, token, Purpose.UNLOCK, issuer=issuer)
        user = account.user
        lockout.lift(transaction, user.tenant_id, user.id)
        person = replace(actor, kind=ActorKind.USER, principal=user.id)
        event = Event(EventType.ACCOUNT_UNLOCKED, user.tenant_id, person, subject=user.id)
        self._tools.trail.record(transaction, event)
