from collections.abc import Callable
from threading import Event, Semaphore
from types import SimpleNamespace

import bcrypt
import pytest

from authserver.accounts.directory import Audience
from authserver.accounts.passwords import PooledHasher
from authserver.accounts.policy import Refusal
from authserver.accounts.signin import SignedIn, SignInRefused
from authserver.core.hashing import HashingPool
from authserver.core.problems import Problem, Unavailable
from authserver.tenants.models import Tenant

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
    assert isinstance(signed_in, SignedIn)
    assert signed_in.user.id == ada
    assert signed_in.tenant_id == acme.id
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


def test_nothing_of_a_refusal_is_undone(door: SimpleNamespace, acme: Tenant, ada: str) -> None:
    door.fail(acme, 1)
    assert door.counters() == {"untrusted": (1, None), "everywhere": (1, None)}
    assert len(door.installation.events("sign_in.failed")) == 1
    assert ada


def test_five_failures_lock_and_then_even_the_right_password_is_refused(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    door.fail(acme, 4)
    assert door.attempt(acme).user.id == ada
    door.fail(acme, 5)
    assert door.reason(acme, PASSWORD) == "locked"
    door.clock.advance(minutes=29, seconds=59)
    assert door.reason(acme, PASSWORD) == "locked"
    door.clock.advance(seconds=1)
    assert door.attempt(acme).user.id == ada
    assert door.counters() == {"untrusted": (0, None), "everywhere": (0, None)}


def test_attempts_during_a_lock_neither_count_nor_prolong_it(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    door.fail(acme, 5)
    before = door.counters()
    door.fail(acme, 10)
    assert door.counters() == before
    assert ada


def test_the_next_five_failures_lock_for_an_hour(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    door.fail(acme, 5)
    door.clock.advance(minutes=30)
    door.fail(acme, 5)
    door.clock.advance(minutes=59)
    assert door.reason(acme, PASSWORD) == "locked"
    door.clock.advance(minutes=1)
    assert door.attempt(acme).user.id == ada


@pytest.mark.attack("ATK-083")
def test_a_stranger_cannot_lock_a_known_device_out(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    known = door.attempt(acme).device_token
    door.fail(acme, 20)
    assert door.reason(acme, PASSWORD) == "locked"
    signed_in = door.attempt(acme, device_token=known)
    assert signed_in.user.id == ada
    assert door.reason(acme, PASSWORD) == "locked"


def test_a_known_device_has_five_failures_of_its_own(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    known = door.attempt(acme).device_token
    door.fail(acme, 5, device_token=known)
    assert door.reason(acme, PASSWORD, device_token=known) == "locked"
    assert door.attempt(acme).user.id == ada


@pytest.mark.attack("ATK-083")
def test_a_device_that_signed_in_to_another_account_is_not_known_to_this_one(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    door.account(acme, "mallory@example.com")
    token = door.attempt(acme, email="mallory@example.com").device_token
    door.fail(acme, 5, device_token=token)
    assert door.counters()["untrusted"][0] == 5
    assert ada


def test_a_device_token_is_worth_nothing_after_the_next_sign_in(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    first = door.attempt(acme).device_token
    second = door.attempt(acme, device_token=first).device_token
    assert first != second
    door.fail(acme, 1, device_token=first)
    assert door.counters()["untrusted"][0] == 1
    door.fail(acme, 1, device_token=second)
    assert door.counters()["everywhere"][0] == 2
    assert door.counters()["untrusted"][0] == 1
    assert ada


def test_a_browser_stays_known_to_the_accounts_of_every_tenant_that_signed_in_there(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    other = door.installation.tenant("other")
    door.account(other)
    token = door.attempt(acme).device_token
    token = door.attempt(other, device_token=token).device_token
    door.fail(acme, 5)
    assert door.attempt(acme, device_token=token).user.id == ada


def test_a_device_is_forgotten_after_half_a_year(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    token = door.attempt(acme).device_token
    door.clock.advance(days=181)
    door.fail(acme, 1, device_token=token)
    assert door.counters()["untrusted"] == (1, None)
    assert door.attempt(acme, device_token=token).user.id == ada


def test_a_hundred_failures_in_a_row_over_all_devices_require_a_reset(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    known = door.attempt(acme).device_token
    for _ in range(9):
        door.fail(acme, 5)
        door.fail(acme, 5, device_token=known)
        door.clock.advance(days=1)
    door.fail(acme, 5)
    door.fail(acme, 4, device_token=known)
    assert not door.user(ada).password_reset_required
    door.fail(acme, 1, device_token=known)
    door.clock.advance(days=1)
    assert door.counters()["everywhere"][0] == 100
    assert door.reason(acme, PASSWORD) == "password_reset_required"
    assert door.reason(acme, PASSWORD, device_token=known) == "password_reset_required"


def test_a_sign_in_ends_the_row_of_failures(door: SimpleNamespace, acme: Tenant, ada: str) -> None:
    known = door.attempt(acme).device_token
    for _ in range(20):
        door.fail(acme, 5)
        door.attempt(acme, device_token=known)
        door.clock.advance(days=1)
        known = door.attempt(acme).device_token
    assert not door.user(ada).password_reset_required


@pytest.mark.attack("ATK-082")
def test_every_spelling_of_the_address_shares_one_counter(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    for email in ("ada@example.com", "ADA@example.com", "Ada@EXAMPLE.com", " ada@example.com "):
        door.fail(acme, 1, email=email)
    door.fail(acme, 1, audience=Audience(acme.id, None), organization="acme")
    assert door.reason(acme, PASSWORD) == "locked"
    assert ada


def test_twenty_parallel_failures_count_five_and_lock_once(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    outcomes = door.in_parallel([lambda: door.attempt(acme, "wrong")] * 20)
    details = sorted(problem.detail for problem in outcomes if isinstance(problem, Problem))
    assert details == ["locked"] * 15 + ["wrong_password"] * 5
    assert door.counters()["untrusted"][0] == 5
    assert door.counters()["everywhere"][0] == 5
    assert len(door.installation.events("account.locked")) == 1
    assert len(door.mails()) == 1
    assert ada


def test_a_lock_is_told_by_one_mail_to_the_stored_address(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    door.fail(acme, 8, email="ADA@EXAMPLE.COM")
    (mail,) = door.mails()
    assert mail.to == "ada@example.com"
    assert mail.values["address"] == "203.0.113.9"
    assert mail.values["browser"] == "Firefox, Linux"
    assert mail.values["time"] == "2026-11-24 12:00 UTC"
    assert mail.values["until"] == "2026-11-24 12:30 UTC"
    assert door.woken == [None]
    assert ada


def test_an_account_without_a_password_is_neither_locked_nor_written_to(
    door: SimpleNamespace, acme: Tenant
) -> None:
    door.account(acme, password_hash=None)
    door.fail(acme, 20)
    assert door.mails() == []


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


def test_a_locked_account_with_an_imported_hash_is_not_hashed_twice(
    door: SimpleNamespace, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    user_id = door.account(acme, password_hash=old)
    door.fail(acme, 5)
    monkeypatch.setattr(door.hasher, "hash", lambda _: pytest.fail("a second hash"))
    assert door.reason(acme, PASSWORD) == "locked"
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
    assert door.counters()["untrusted"] == (0, None)
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
