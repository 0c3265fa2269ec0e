from functools import partial
from types import SimpleNamespace

import pytest

from authserver.accounts.directory import Audience
from authserver.core.database.engine import Database
from authserver.core.problems import Problem
from authserver.tenants.models import Tenant

PASSWORD = "Correct-Horse-7"
WRONG = "Wrong-Horse-7"


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


def test_parallel_failures_at_four_servers_count_five_and_lock_once(
    door: SimpleNamespace, acme: Tenant, ada: str
) -> None:
    servers = [door.make(door.pooled, Database(door.database.engine)) for _ in range(4)]
    calls = [partial(door.attempt, acme, WRONG, at=server) for server in servers * 5]
    details = sorted(problem.detail for problem in door.in_parallel(calls))
    assert details == ["locked"] * 15 + ["wrong_password"] * 5
    assert door.counters()["untrusted"][0] == door.counters()["everywhere"][0] == 5
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
