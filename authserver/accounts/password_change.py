"""Changing the password with the present one.

As at sign-in: one read, the hashes outside any transaction, one job that looks at everything again.
Wrong guesses count like those at the sign-in page (TOP-06): a stolen session is no better place to
guess from. Whose session goes on is for the caller, by `keep`: accounts do not know sessions.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from unicodedata import normalize

from authserver.accounts import devices
from authserver.accounts.attempts.lockout import Lockout
from authserver.accounts.attempts.throttle import Throttle
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.notices import password_changed
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.passwords.policy import Rules
from authserver.accounts.passwords.present import Present, unchanged
from authserver.accounts.passwords.present import read as read_present
from authserver.accounts.policy import Refusal, counts, judge
from authserver.accounts.service import check_password, get
from authserver.accounts.standing import lock_account
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Problem
from authserver.delivery.outbox import enqueue

# Runs inside the transaction, with the person as they are after the change.
Keep = Callable[[Transaction, UserSnapshot], None]


@dataclass(frozen=True)
class ChangeRequest:
    """Who changes the password from what to what.

    `actor` is the person, from an address and a browser; `device_token` its cookie.
    """

    tenant_id: str
    user_id: str
    present: str
    new: str
    actor: Actor
    device_token: str | None = None


class PresentPasswordRefused(Problem):
    """The present password is wrong, or cannot be used now: which, the log and the trail know."""

    status = 403
    code = "present_password_refused"
    title = "The present password was refused"

    def __init__(self, refusal: Refusal) -> None:
        """Keep the reason for the log."""
        super().__init__(
            "The present password is wrong, or cannot be used now.", detail=refusal.value
        )


class PasswordResetRequired(Problem):
    """Too many have guessed at it: the present password proves nothing any more."""

    status = 403
    code = "password_reset_required"
    title = "The password has to be reset"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "There were too many wrong passwords: set a new one with a link that is sent by mail."
        )


@dataclass(frozen=True)
class PasswordChange:
    """Changes passwords."""

    database: Database
    hasher: PooledHasher
    lockout: Lockout
    trail: Trail
    keyring: Keyring
    clock: Clock
    throttle: Throttle

    def change_password(
        self, request: ChangeRequest, keep: Keep = lambda _transaction, _user: None
    ) -> UserSnapshot:
        """Change the password and return the person with the new epoch; a mail tells them.

        Every session and token ends, except what `keep` takes over to the new epoch, and every
        other browser is unknown from now on. Raises WeakPassword, PresentPasswordRefused,
        PasswordResetRequired, NotFound, TooManyRequests, or Unavailable when too many hash.
        """
        with self.database.read() as view:
            present = read_present(view, request.tenant_id, request.user_id)
        self.throttle.count(
            present.user.email,
            door=request.tenant_id,
            known_device=lambda: self._known_device(request),
        )
        check_password(request.new, present.rules, present.about)
        if normalize("NFC", request.new) == normalize("NFC", request.present):
            raise unchanged(present.rules)
        right = self.hasher.verify(request.present, present.password_hash).ok
        made = self.hasher.hash(request.new) if right else None
        decided = self.database.write(
            lambda transaction: self._decide(
                transaction, request, present=present, made=made, keep=keep
            )
        )
        if decided is Refusal.RESET_REQUIRED:
            raise PasswordResetRequired
        if isinstance(decided, Refusal):
            raise PresentPasswordRefused(decided)
        return decided

    def rules(self, tenant_id: str, user_id: str) -> Rules:
        """Return what a new password of the account needs. Raises NotFound."""
        with self.database.read() as view:
            return read_present(view, tenant_id, user_id).rules

    def _known_device(self, request: ChangeRequest) -> str | None:
        with self.database.read() as view:
            return devices.recognise(
                view,
                request.tenant_id,
                user_id=request.user_id,
                token=request.device_token,
                now=self.clock.now(),
            )

    def _decide(
        self,
        transaction: Transaction,
        request: ChangeRequest,
        *,
        present: Present,
        made: str | None,
        keep: Keep,
    ) -> UserSnapshot | Refusal:
        """Look at everything again and decide. This is the job: it may run twice."""
        now = self.clock.now()
        account = lock_account(transaction, request.tenant_id, request.user_id)
        if account is None:
            return Refusal.UNKNOWN
        counters = self.lockout.read(
            transaction,
            request.tenant_id,
            user_id=request.user_id,
            device_token=request.device_token,
            now=now,
        )
        standing = account.standing(
            present.user.security_epoch, locked=counters.here.is_locked(now), now=now
        )
        refusal = judge(standing, password_ok=made is not None)
        if refusal is None and made is not None:
            return self._store(transaction, request, made=made, keep=keep)
        self._record(
            transaction,
            EventType.USER_PASSWORD_REFUSED,
            request,
            facts={"reason": (refusal or Refusal.UNKNOWN).value},
        )
        if counts(standing, password_ok=made is not None):
            self.lockout.count(transaction, counters, account, by=request.actor, now=now)
        return refusal or Refusal.UNKNOWN

    def _store(
        self, transaction: Transaction, request: ChangeRequest, *, made: str, keep: Keep
    ) -> UserSnapshot:
        now = self.clock.now()
        user = get(transaction, request.tenant_id, request.user_id)
        user.password_hash = made
        user.password_changed_at = user.updated_at = now
        user.password_change_required, user.password_expires_at = False, None
        user.security_epoch += 1
        transaction.tenant(request.tenant_id).flush()
        devices.forget_others(
            transaction, request.tenant_id, user_id=user.id, token=request.device_token
        )
        changed = snapshot(user)
        keep(transaction, changed)
        self._record(transaction, EventType.USER_PASSWORD_CHANGED, request)
        message = password_changed(changed, request.actor, now=now)
        enqueue(transaction, message, keyring=self.keyring, now=now)
        return changed

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        request: ChangeRequest,
        *,
        facts: dict[str, object] | None = None,
    ) -> None:
        by = replace(request.actor, principal=request.actor.principal or request.user_id)
        record = Event(event, request.tenant_id, by, subject=request.user_id, facts=facts or {})
        self.trail.record(transaction, record)
