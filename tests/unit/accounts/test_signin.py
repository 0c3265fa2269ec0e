from collections.abc import Callable
from threading import Event, Semaphore
from types import SimpleNamespace

import bcrypt
import pytest
from argon2 import PasswordHasher as Argon2

from authserver.accounts.attempts.values import SignInRefused
from authserver.accounts.passwords.hasher import PooledHasher
from authserver.accounts.policy import Refusal
from authserver.core.hashing import HashingPool
from authserver.core.problems import Unavailable
from authserver.tenants.models import Tenant
from tests.unit.accounts.conftest import SignedIn

PASSWORD = "Correct-Horse-7"
WRONG = "Wrong-Horse-7"


def close(door: SimpleNamespace, acme: Tenant, how: str) -> None:
    """Bring the account of acme into a state in which nobody signs in."""
    if how == "disabled":
        door.change(door.ada, disabled_at=door.clock.now())
    elif how == "reset required":
        door.change(door.ada, password_reset_required=True)
    elif how == "no password":
        door.change(door.ada, password_hash=None)
    elif how == "locked":
        door.fail(acme, 5)
    elif how == "suspended":
        suspend = door.installation.tenants.suspend
        door.database.write(lambda tx: suspend(tx, "acme", door.installation.operator))


CAUSES = {
    "wrong": "wrong_password",
    "unknown": "unknown_account",
    "not an address": "unknown_account",
    "other tenant": "unknown_account",
    "disabled": "account_disabled",
    "reset required": "password_reset_required",
    "no password": "no_password",
    "locked": "locked",
    "suspended": "tenant_suspended",
}


EMAILS = {
    "unknown": "nobody@example.com",
    "not an address": "no address",
    "other tenant": "bob@example.com",
}


@pytest.fixture
def refuse(door: SimpleNamespace, acme: Tenant, ada: str) -> Callable[..., SignInRefused]:
    """Make an attempt that is refused for a cause. The trail has met everybody before."""
    door.account(door.installation.tenant("other"), "bob@example.com")
    door.fail(acme, 1)
    assert door.attempt(acme).user.id == ada

    def refused(cause: str, password: str = PASSWORD) -> SignInRefused:
        typed = WRONG if (cause, password) == ("wrong", PASSWORD) else password
        return door.refusal(acme, typed, email=EMAILS.get(cause, "ada@example.com"))

    return refused


def test_the_right_password_signs_in(door: SimpleNamespace, acme: Tenant, ada: str) -> None:
    signed_in = door.attempt(acme)
    assert signed_in.user.id == ada
    assert signed_in.user.tenant_id == acme.id
    assert signed_in.user.email == "ada@example.com"
    assert len(door.installation.events("sign_in.succeeded")) == 1


@pytest.mark.parametrize("cause", CAUSES)
def test_a_refusal_is_the_same_for_every_cause_outside_and_named_in_the_trail(
    door: SimpleNamespace, refuse: Callable[..., SignInRefused], cause: str
) -> None:
    close(door, door.acme, cause)
    refused, other = refuse(cause), SignInRefused(Refusal.UNKNOWN)
    assert refused.detail == CAUSES[cause]
    assert refused.document("req_1") == other.document("req_1")
    assert (refused.status, refused.headers, str(refused)) == (401, {}, str(other))
    assert f'"reason":"{CAUSES[cause]}"' in door.installation.events("sign_in.failed")[-1]


@pytest.mark.attack("ATK-095")
@pytest.mark.parametrize("cause", CAUSES)
def test_every_refusal_takes_one_hash_and_the_statements_of_an_unknown_address(
    door: SimpleNamespace, refuse: Callable[..., SignInRefused], cause: str
) -> None:
    close(door, door.acme, cause)
    with door.statements() as expected:
        refuse("unknown")
    assert len(expected) > 5
    for password in (PASSWORD, "", "x" * 100_000):
        before = door.hasher.verified
        with door.statements() as seen:
            refuse(cause, password)
        assert door.hasher.verified == before + 1
        assert seen == expected


def test_an_unknown_address_leaves_no_trace_of_itself(door: SimpleNamespace, acme: Tenant) -> None:
    door.fail(acme, 6, email="somebody.private@example.com")
    assert door.counters() == {}
    assert not any("private" in body for body in door.installation.events())


def test_an_account_closed_during_the_hash_does_not_get_in(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    door.hasher.before = lambda: door.change(ada, disabled_at=door.clock.now())
    assert door.reason(acme, PASSWORD) == "account_disabled"


def test_a_password_changed_during_the_hash_does_not_let_the_old_one_in(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    def change() -> None:
        door.change(ada, password_hash=door.hasher.hash("New-Horse-8"), security_epoch=2)

    door.hasher.before = change
    assert door.reason(acme, PASSWORD) == "account_changed_meanwhile"
    assert door.counters()["untrusted"] == (0, None)


def test_an_imported_hash_is_made_anew_at_the_first_sign_in(
    door: SimpleNamespace, acme: Tenant
) -> None:
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user_id = door.account(acme, password_hash=old)
    door.attempt(acme)
    made = door.user(user_id).password_hash
    assert made.startswith("hmac-bcrypt$")
    door.attempt(acme)
    assert door.user(user_id).password_hash == made


def test_an_imported_argon2_hash_is_made_anew_at_the_first_sign_in(
    door: SimpleNamespace, acme: Tenant
) -> None:
    old = Argon2(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    user_id = door.account(acme, password_hash=old)
    assert door.reason(acme) == "wrong_password"
    assert door.user(user_id).password_hash == old
    door.attempt(acme)
    assert door.user(user_id).password_hash.startswith("hmac-bcrypt$")
    assert door.attempt(acme).user.id == user_id


def test_a_locked_account_with_an_imported_hash_is_not_hashed_twice(
    door: SimpleNamespace, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user_id = door.account(acme, password_hash=old)
    door.fail(acme, 5)
    monkeypatch.setattr(door.hasher, "hash", lambda _: pytest.fail("a second hash"))
    assert door.reason(acme, PASSWORD) == "locked"
    assert door.user(user_id).password_hash == old


def test_a_database_that_is_busy_after_the_sign_in_does_not_take_it_back(
    door: SimpleNamespace, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user_id, write, jobs = door.account(acme, password_hash=old), door.database.write, []

    def busy(job: Callable[..., object]) -> object:
        jobs.append(job)
        if len(jobs) > 1:
            raise Unavailable(detail="busy")
        return write(job)

    monkeypatch.setattr(door.database, "write", busy)
    assert door.attempt(acme).user.id == user_id
    assert len(jobs) == 2
    assert door.user(user_id).password_hash == old


def test_fifty_parallel_sign_ins_all_get_in(door: SimpleNamespace, acme: Tenant, ada: str) -> None:
    outcomes = door.in_parallel([lambda: door.attempt(acme)] * 50)
    assert [outcome.user.id for outcome in outcomes] == [ada] * 50
    assert len(door.installation.events("sign_in.succeeded")) == 50


@pytest.mark.attack("ATK-146")
def test_more_sign_ins_than_the_pool_takes_are_told_to_come_back(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    refused, gate = Semaphore(0), Event()
    door.hasher.before = lambda: gate.wait(30)
    small = PooledHasher(door.hasher, HashingPool(running=2, waiting=8))
    door.sign_in = door.make(small)

    def attempt() -> SignedIn:
        try:
            return door.attempt(acme)
        except Unavailable:
            refused.release()
            raise

    def open_when_forty_were_refused() -> bool:
        for _ in range(40):
            assert refused.acquire(timeout=30)
        gate.set()
        return True

    outcomes = door.in_parallel([open_when_forty_were_refused, *[attempt] * 50])
    full = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert len(full) == 40
    assert {(problem.status, problem.headers["Retry-After"]) for problem in full} == {(503, "2")}
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 10
    assert door.counters() == {}
    assert ada


def test_the_trail_names_nobody_in_clear(door: SimpleNamespace, acme: Tenant, ada: str) -> None:
    door.fail(acme, 5)
    door.clock.advance(hours=1)
    door.attempt(acme)
    for body in door.installation.events("sign_in") + door.installation.events("account.locked"):
        assert ada not in body
        assert "ada@" not in body
        assert "203.0.113.9" not in body
        assert "Firefox" not in body
