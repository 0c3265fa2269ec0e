"""Sign-ins against a real database, with the cheapest hash and everything countable."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from authserver.accounts import devices
from authserver.accounts.attempts.lockout import Lockout
from authserver.accounts.attempts.throttle import Throttle
from authserver.accounts.attempts.values import (
    Admitted,
    Around,
    SignInRefused,
    SignInRequest,
)
from authserver.accounts.directory import Audience, UserSnapshot
from authserver.accounts.models import FailureCounter, User
from authserver.accounts.passwords.hasher import PasswordHasher, PooledHasher, Verification
from authserver.accounts.policy import LockoutRules
from authserver.accounts.service import AccountService, NewAccount
from authserver.accounts.signin import SignIn
from authserver.accounts.standing import Account
from authserver.audit.events import Actor
from authserver.core.database.engine import Database, Transaction
from authserver.core.hashing import HashingPool
from authserver.core.limits.buckets import LocalLimiter
from authserver.core.net.browsers import describe
from authserver.core.problems import Problem
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import BELL, Content, open_content
from authserver.tenants.limits.entrance import Entrance
from authserver.tenants.limits.service import Limits
from authserver.tenants.models import Tenant
from tests.support.sql import executed

PASSWORD = "Correct-Horse-7"
WRONG = "Wrong-Horse-7"
RULES = LockoutRules(attempts=5, first_lock=timedelta(minutes=30), reset_attempts=100)
STRANGER = Actor(
    "anonymous", "", "req_stranger", "203.0.113.9", "Mozilla/5.0 (X11; Linux) Firefox/140.0"
)


class CountingHasher(PasswordHasher):
    """Counts, and can be held up."""

    verified = 0
    before: Callable[[], None] = staticmethod(lambda: None)

    def verify(self, password: str, stored: str | None) -> Verification:
        self.verified += 1
        self.before()
        return super().verify(password, stored)


def unthrottled() -> Throttle:
    return Throttle(LocalLimiter(), standard=100_000, tier_of=lambda _tenant_id: None)


class AsAsked:
    """More than a password is needed where the client asks for it."""

    facts = ()

    def is_due(self, _transaction: Transaction, _account: Account, request: SignInRequest) -> bool:
        return request.second_factor

    def is_due_of(self, _transaction: Transaction, _guest: UserSnapshot) -> bool:
        return False


@dataclass(frozen=True)
class SignedIn:
    """Who was let in, and the browser's new token where the account knows it from now on."""

    user: UserSnapshot
    device_token: str | None


class Door(SimpleNamespace):
    """The sign-in of an installation, and what it left behind."""

    def __init__(self, installation: SimpleNamespace, pool: HashingPool) -> None:
        super().__init__(installation=installation)
        self.database, self.clock = installation.database, installation.clock
        self.hasher = CountingHasher(b"pepper", 4)
        self.pooled = PooledHasher(self.hasher, pool)
        self.accounts = AccountService(
            installation.trail,
            self.clock,
            lambda *_: {},
            entrance=Entrance(Limits(installation.trail, counts={})),
        )
        self.woken: list[None] = []
        self.database.bells[BELL] = lambda: self.woken.append(None)
        self.sign_in = self.make(self.pooled)

    def make(self, hasher: PooledHasher, database: Database | None = None) -> SignIn:
        """Make a sign-in; with a database of its own it stands for another process."""
        return SignIn(
            database or self.database,
            hasher=hasher,
            lockout=Lockout(lambda _own: RULES, self.installation.trail, self.installation.keyring),
            trail=self.installation.trail,
            clock=self.clock,
            around=Around(AsAsked(), unthrottled()),
        )

    def account(self, tenant: Tenant, email: str = "ada@example.com", **more: object) -> str:
        """Create an account with PASSWORD and return its id."""
        database = more.pop("database", self.database)
        values = {"name": "Ada", "password_hash": self.hasher.hash(PASSWORD), "verified": True}
        new = NewAccount(tenant.id, email, **(values | more))
        actor = self.installation.operator
        return database.write(lambda tx: self.accounts.create(tx, new, actor=actor).id)

    def attempt(
        self,
        tenant: Tenant,
        password: str = PASSWORD,
        email: str = "ada@example.com",
        **more: object,
    ) -> SignedIn:
        more.setdefault("audience", Audience(tenant.id, (tenant.id,)))
        sign_in = more.pop("at", self.sign_in)
        request = SignInRequest(email=email, password=password, actor=STRANGER, **more)

        def enter(transaction: Transaction, admitted: Admitted) -> SignedIn:
            user, token = admitted.user, request.device_token
            if admitted.is_half:
                return SignedIn(user, None)
            known = devices.remember(
                transaction,
                user,
                token=token,
                device=describe(STRANGER.user_agent),
                keyring=self.installation.keyring,
                now=self.clock.now(),
            )
            return SignedIn(user, known.token)

        return sign_in.attempt(request, enter)

    def refusal(self, tenant: Tenant, password: str = WRONG, **more: object) -> SignInRefused:
        """Return how an attempt was refused."""
        with pytest.raises(SignInRefused) as caught:
            self.attempt(tenant, password, **more)
        return caught.value

    def reason(self, tenant: Tenant, password: str = WRONG, **more: object) -> str:
        return self.refusal(tenant, password, **more).detail

    def fail(self, tenant: Tenant, times: int, **more: object) -> None:
        for _ in range(times):
            self.refusal(tenant, **more)

    def in_parallel(self, calls: Sequence[Callable[[], object]]) -> list[object]:
        """Run all at once; return each one's value, or the problem it raised."""
        outcomes: list[object] = []

        def run(call: Callable[[], object]) -> None:
            try:
                outcomes.append(call())
            except Problem as problem:
                outcomes.append(problem)

        threads = [Thread(target=run, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return outcomes

    def statements(self) -> AbstractContextManager[list[str]]:
        """Collect the SQL that runs inside the block."""
        return executed(self.database.engine)

    def user(self, user_id: str) -> User:
        with self.database.read() as view:
            return view.platform().scalars(select(User).where(User.id == user_id)).one()

    def change(self, user_id: str, **values: object) -> None:
        """Change an account's row, past every service."""

        def job(transaction: Transaction) -> None:
            user = transaction.platform().get(User, user_id)
            for name, value in values.items():
                setattr(user, name, value)

        self.database.write(job)

    def counters(self) -> dict[str, tuple[int, datetime | None]]:
        """Return failures and end of the lock, by class of devices."""
        with self.database.read() as view:
            rows = view.platform().scalars(select(FailureCounter))
            return {row.device: (row.failures, row.locked_until) for row in rows}

    def mails(self) -> list[Content]:
        with self.database.read() as view:
            rows = view.platform().scalars(select(OutboxMessage).order_by(OutboxMessage.id))
            keyring = self.installation.keyring
            return [open_content(row.id, row.content, keyring) for row in rows]


@pytest.fixture
def door(installation: SimpleNamespace) -> Door:
    return Door(installation, HashingPool(running=2, waiting=64))


@pytest.fixture
def acme(door: SimpleNamespace) -> Tenant:
    door.acme = door.installation.tenant("acme")
    return door.acme


@pytest.fixture
def ada(door: Door, acme: Tenant) -> str:
    """Create an account of acme with the default address and password; give its id."""
    door.ada = door.account(acme)
    return door.ada
