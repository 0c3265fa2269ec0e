"""Signing in with email and password: one answer for every refusal (TOP-06, ATK-095).

One read, exactly one hash outside any transaction, one job. The job looks at everything again, with
the account's row locked, so that parallel failures all count and nothing that happened during the
hash is missed. An unknown address runs the same statements as a known one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update

from authserver.accounts import devices, directory
from authserver.accounts.attempts.lockout import Counters, Lockout
from authserver.accounts.attempts.throttle import Throttle
from authserver.accounts.directory import Audience, Candidate, UserSnapshot
from authserver.accounts.models import User
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.policy import Refusal, Standing, counts, judge
from authserver.accounts.standing import Account, lock_account
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Problem, Unavailable

# Ids of accounts look different: the statements for an unknown address find nothing.
_NOBODY = "-"


@dataclass(frozen=True)
class SignInRequest:
    """What the person typed, and where. `organization` is a slug, or None.

    `actor` is who asks as far as known: anonymous, with address and user agent. `second_factor`
    says that the client asks for more than a password, `trust_token` names a browser in which a
    password may be enough: None where it is not, whatever the browser shows.
    """

    audience: Audience
    email: str
    password: str
    actor: Actor
    organization: str | None = None
    device_token: str | None = None
    second_factor: bool = False
    trust_token: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """Who signed in, and the token by which the browser is known from now on, for its cookie.

    None where a second factor or a new password is still due: then nobody is signed in, and the
    browser not known. `factor_due` says that it is (also) the factor. `guest` is the account that
    the address led by, where that is not the one of the password.
    """

    user: UserSnapshot
    device_token: str | None
    guest: UserSnapshot | None = None
    factor_due: bool = False

    @property
    def tenant_id(self) -> str:
        """Return the account's tenant."""
        return self.user.tenant_id


class SignInRefused(Problem):
    """The one refusal: which of the reasons it was stands in the log and the trail alone."""

    status = 401
    code = "sign_in_refused"
    title = "The sign-in was refused"

    def __init__(self, refusal: Refusal) -> None:
        """Keep the reason for the log."""
        super().__init__(
            "The email address or the password is wrong, or the account cannot be used now.",
            detail=refusal.value,
        )


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
class _Outcome:
    """What the job decided: a signed-in person, or why not."""

    decided: SignedIn | Refusal
    mailed: bool = False


@dataclass(frozen=True)
class Around:
    """What happens around an attempt.

    `needs_more` tells whether a person needs more than a password for what is asked; `throttle`
    refuses what comes too often; `wake` is called when there is a mail to send.
    """

    needs_more: Callable[[Transaction, UserSnapshot, SignInRequest], bool]
    throttle: Throttle
    wake: Callable[[], None]


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

    def attempt(self, request: SignInRequest) -> SignedIn:
        """Return who signed in.

        Raises SignInRefused, TooManyRequests, or Unavailable when too many hash.
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
        outcome = self._database.write(lambda transaction: self._decide(transaction, attempt))
        if outcome.mailed:
            self._around.wake()
        if isinstance(outcome.decided, Refusal):
            raise SignInRefused(outcome.decided)
        # Only now: for a locked account a second hash would tell that the password was right.
        if checked.needs_rehash:
            self._rehash(outcome.decided.user, request.password, stored)
        return outcome.decided

    def _find(self, request: SignInRequest) -> Candidate | None:
        with self._database.read() as view:
            return directory.find(
                view, request.audience, organization=request.organization, email=request.email
            )

    def _known_device(self, request: SignInRequest) -> str | None:
        candidate, now = self._find(request), self._clock.now()
        if candidate is None:
            return None
        user, token = candidate.user, request.device_token
        with self._database.read() as view:
            return devices.recognise(view, user.tenant_id, user_id=user.id, token=token, now=now)

    def _decide(self, transaction: Transaction, attempt: _Attempt) -> _Outcome:
        """Look at everything again and decide. This is the job: it may run twice."""
        now = self._clock.now()
        account = lock_account(transaction, attempt.tenant_id, attempt.user_id)
        counters = self._counters(transaction, attempt, now)
        standing = _standing(account, attempt, locked=counters.here.is_locked(now))
        refusal = judge(standing, password_ok=attempt.password_ok)
        if account is not None and refusal is None:
            self._lockout.clear(transaction, counters, now)
            return _Outcome(self._admit(transaction, attempt, account, now=now))
        self._record_refusal(transaction, attempt, refusal or Refusal.UNKNOWN)
        if account is not None and counts(standing, password_ok=attempt.password_ok):
            locks = self._lockout.count(
                transaction, counters, account.user, by=attempt.actor, now=now
            )
            return _Outcome(refusal or Refusal.UNKNOWN, mailed=locks)
        self._lockout.keep(transaction, counters, now)
        return _Outcome(refusal or Refusal.UNKNOWN)

    def _counters(self, transaction: Transaction, attempt: _Attempt, now: datetime) -> Counters:
        device = devices.recognise(
            transaction,
            attempt.tenant_id,
            user_id=attempt.user_id,
            token=attempt.request.device_token,
            now=now,
        )
        return self._lockout.read(
            transaction, attempt.tenant_id, user_id=attempt.user_id, device=device
        )

    def _admit(
        self, transaction: Transaction, attempt: _Attempt, account: Account, *, now: datetime
    ) -> SignedIn:
        user = account.user
        actor = replace(attempt.actor, kind="user", principal=user.id)
        guest = attempt.candidate.guest if attempt.candidate else None
        factor_due = self._needs_more(transaction, attempt, user)
        if account.change_required or factor_due:
            half = Event(EventType.PASSWORD_ACCEPTED, user.tenant_id, actor, subject=user.id)
            self._trail.record(transaction, half)
            return SignedIn(user, None, guest, factor_due)
        token = devices.remember(
            transaction,
            user.tenant_id,
            user_id=user.id,
            token=attempt.request.device_token,
            now=now,
        )
        event = Event(EventType.SIGN_IN_SUCCEEDED, user.tenant_id, actor, subject=user.id)
        self._trail.record(transaction, event)
        return SignedIn(user, token, guest)

    def _needs_more(self, transaction: Transaction, attempt: _Attempt, user: UserSnapshot) -> bool:
        """Tell whether a factor is due: by the account's own tenant, or that of the guest."""
        if self._around.needs_more(transaction, user, attempt.request):
            return True
        guest = attempt.candidate.guest if attempt.candidate else None
        plain = replace(attempt.request, second_factor=False, trust_token=None)
        return guest is not None and self._around.needs_more(transaction, guest, plain)

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
        """Store a hash of today's form and cost; when everything is busy, another time."""
        try:
            made = self._hasher.hash(password)
        except Unavailable:
            return

        def replace_hash(transaction: Transaction) -> None:
            unchanged = update(User).where(User.id == user.id, User.password_hash == stored)
            transaction.tenant(user.tenant_id).execute(unchanged.values(password_hash=made))

        self._database.write(replace_hash)


def _standing(account: Account | None, attempt: _Attempt, *, locked: bool) -> Standing | None:
    if account is None or attempt.candidate is None:
        return None
    return account.standing(attempt.candidate.user.security_epoch, locked=locked)
