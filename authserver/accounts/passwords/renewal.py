"""A password that has to be changed: in the middle of a sign-in, by who has just proved it.

What a new one needs is what every new one needs, and it is not the present one. The hashes are made
before the transaction that stores the new one.
"""

from dataclasses import dataclass

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.notices import password_changed
from authserver.accounts.passwords import present
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.passwords.policy import Rules
from authserver.accounts.service import AccountService, check_password
from authserver.audit.events import Actor
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.delivery.outbox import enqueue


@dataclass(frozen=True)
class PasswordRenewal:
    """Prepares a new password, and stores it in the job that goes on with the sign-in."""

    database: Database
    hasher: PooledHasher
    accounts: AccountService
    keyring: Keyring
    clock: Clock

    def rules(self, user: UserSnapshot) -> Rules:
        """Return what a new password of the person needs."""
        with self.database.read() as view:
            return present.read(view, user.tenant_id, user.id).rules

    def prepare(self, user: UserSnapshot, password: str) -> str:
        """Return the hash of a new password.

        Raises WeakPassword, or Unavailable when too many hash.
        """
        with self.database.read() as view:
            found = present.read(view, user.tenant_id, user.id)
        check_password(password, found.rules, found.about)
        if self.hasher.verify(password, found.password_hash).ok:
            raise present.unchanged(found.rules)
        return self.hasher.hash(password)

    def store(
        self, transaction: Transaction, user: UserSnapshot, made: str, *, actor: Actor
    ) -> UserSnapshot:
        """Store it and tell the person; sessions and tokens end. Return the person after that."""
        row = self.accounts.set_password(
            transaction, user.tenant_id, user_id=user.id, password_hash=made, actor=actor
        )
        changed, now = snapshot(row), self.clock.now()
        message = password_changed(changed, actor, now=now)
        enqueue(transaction, message, keyring=self.keyring, now=now)
        return changed
