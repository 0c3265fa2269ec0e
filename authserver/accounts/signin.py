"""Signing in with email and password: one answer for every refusal (TOP-06, ATK-095).

One read, exactly one hash outside any transaction, one job. The job looks at everything again, with
the account's row locked, so that parallel failures all count and nothing that happened during the
hash is missed. An unknown address runs the same statements as a known one.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar, cast

from sqlalchemy import update

from authserver.accounts import devices, directory
from authserver.accounts.attempts.lockout import Lockout
from authserver.accounts.attempts.values import (
    Admitted,
    Around,
    SignInRefused,
    SignInRequest,
)
from authserver.accounts.directory import Candidate, UserSnapshot
from authserver.accounts.models import User
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.policy import Refusal, Standing, counts, judge
from authserver.accounts.standing import Account, lock_account
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Unavailable

T = TypeVar("T")
# Ids of accounts look different: the statements for an unknown address find nothing.
_NOBODY = "-"


@dataclass(frozen=True)
class _Attempt:
    """A request together with what the read and the hash gave."""

    request: SignInRequest
    candidate: Candidate | None
    password_ok: bool

    @property
    def tenant_id(self) -> str:
        """Return the tenant in whose trail the attempt stands."""
        return self.candidate.user.tenant_id if self.candidate else self.request.audience.owner

    @property
    def user_id(self) -> str:
        """Return the account's id, or one that finds nothing."""
        return self.candidate.user.id if self.candidate else _NOBODY

    @property
    def actor(self) -> Actor:
        """Return who asks; somebody without a name stands for the tenant's door."""
        actor = self.request.actor
        return replace(actor, principal=actor.principal or self.tenant_id)


@dataclass(frozen=True)
class _Outcome(Generic[T]):
    """What the job decided: what somebody entered by, or why not."""

    entered: T | None = None
    refusal: Refusal | None = None


# Runs in the job, for somebody whose password was right: begins a session, or what comes before.
Enter = Callable[[Transaction, Admitted], T]


class SignIn:
    """Decides attempts."""

    def __init__(
        self,
        database: Database,
        *,
        hasher: PooledHasher,
        lockout: Lockout,
        trail: Trail,
        clock: Clock,
        around: Around,
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._hasher = hasher
        self._lockout = lockout
        self._trail = trail
        self._clock = clock
        self._around = around

    def attempt(self, request: SignInRequest, enter: Enter[T]) -> T:
        """Return what `enter` makes of whose password is right.

        Raises SignInRefused, TooManyRequests, Unavailable when too many hash, and what `enter`
        raises.
        """
        self._around.throttle.count(
            request.email,
            door=request.audience.owner,
            known_device=lambda: self._known_device(request),
        )
        candidate = self._find(request)
        stored = candidate.password_hash if candidate else None
        checked = self._hasher.verify(request.password, stored)
        attempt = _Attempt(request, candidate, checked.ok)
        outcome = self._database.write(
            lambda transaction: self._decide(transaction, attempt, enter)
        )
        if candidate is None or outcome.refusal is not None:
            raise SignInRefused(outcome.refusal or Refusal.UNKNOWN)
        # Only now: for a locked account a second hash would tell that the password was right.
        if checked.needs_rehash:
            self._rehash(candidate.user, request.password, stored)
        return cast("T", outcome.entered)

    def _find(self, request: SignInRequest) -> Candidate | None:
        with self._database.read() as view:
            return directory.find(
                view, request.audience, organization=request.organization, email=request.email
            )

    def _known_device(self, request: SignInRequest) -> str | None:
        """Return the browser's id if the account knows it; an unknown one is asked, too."""
        asked, now = _Attempt(request, self._find(request), password_ok=False), self._clock.now()
        token = request.device_token
        with self._database.read() as view:
            return devices.recognise(
                view, asked.tenant_id, user_id=asked.user_id, token=token, now=now
            )

    def _decide(self, transaction: Transaction, attempt: _Attempt, enter: Enter[T]) -> _Outcome[T]:
        """Look at everything again and decide. This is the job: it may run twice."""
        now, tenant_id, user_id = self._clock.now(), attempt.tenant_id, attempt.user_id
        account = lock_account(transaction, tenant_id, user_id, also=self._around.demand.facts)
        counters = self._lockout.read(
            transaction,
            tenant_id,
            user_id=user_id,
            device_token=attempt.request.device_token,
            now=now,
        )
        standing = _standing(account, attempt, locked=counters.here.is_locked(now), now=now)
        refusal = judge(standing, password_ok=attempt.password_ok)
        if account is not None and refusal is None:
            self._lockout.clear(transaction, counters, account.user, by=attempt.actor, now=now)
            return _Outcome(self._admit(transaction, attempt, account, enter=enter))
        refusal = refusal or Refusal.UNKNOWN
        self._record_refusal(transaction, attempt, refusal)
        if account is not None and counts(standing, password_ok=attempt.password_ok):
            self._lockout.count(transaction, counters, account, by=attempt.actor, now=now)
        else:
            self._lockout.keep(transaction, counters, now)
        return _Outcome(refusal=refusal)

    def _admit(
        self, transaction: Transaction, attempt: _Attempt, account: Account, *, enter: Enter[T]
    ) -> T:
        user = account.user
        guest = attempt.candidate.guest if attempt.candidate else None
        due = self._needs_more(transaction, attempt, account, guest=guest)
        admitted = Admitted(account, guest, due)
        event = Event(
            EventType.PASSWORD_ACCEPTED if admitted.is_half else EventType.SIGN_IN_SUCCEEDED,
            user.tenant_id,
            replace(attempt.actor, kind=ActorKind.USER, principal=user.id),
            subject=user.id,
        )
        self._trail.record(transaction, event)
        return enter(transaction, admitted)

    def _needs_more(
        self,
        transaction: Transaction,
        attempt: _Attempt,
        account: Account,
        *,
        guest: UserSnapshot | None,
    ) -> bool:
        """Tell whether a factor is due: by the account's own tenant, or that of the guest."""
        demand = self._around.demand
        if demand.is_due(transaction, account, attempt.request):
            return True
        return guest is not None and demand.is_due_of(transaction, guest)

    def _record_refusal(
        self, transaction: Transaction, attempt: _Attempt, refusal: Refusal
    ) -> None:
        event = Event(
            EventType.SIGN_IN_FAILED,
            attempt.tenant_id,
            attempt.actor,
            subject=attempt.candidate.user.id if attempt.candidate else None,
            facts={"reason": refusal.value},
        )
        self._trail.record(transaction, event)

    def _rehash(self, user: UserSnapshot, password: str, stored: str | None) -> None:
        """Store a hash of today's form and cost; when anything is busy, another time.

        The session is there already: its browser has to be told.
        """

        def replace_hash(transaction: Transaction) -> None:
            unchanged = update(User).where(User.id == user.id, User.password_hash == stored)
            transaction.tenant(user.tenant_id).execute(unchanged.values(password_hash=made))

        with suppress(Unavailable):
            made = self._hasher.hash(password)
            self._database.write(replace_hash)


def _standing(
    account: Account | None, attempt: _Attempt, *, locked: bool, now: datetime
) -> Standing | None:
    if account is None or attempt.candidate is None:
        return None
    return account.standing(attempt.candidate.user.security_epoch, locked=locked, now=now)
