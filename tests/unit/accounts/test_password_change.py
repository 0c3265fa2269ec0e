from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from authserver.accounts.attempts.lockout import Lockout
from authserver.accounts.password_change import (
    ChangeRequest,
    PasswordChange,
    PasswordResetRequired,
    PresentPasswordRefused,
)
from authserver.accounts.passwords.policy import Weakness
from authserver.accounts.policy import Refusal
from authserver.accounts.service import WeakPassword
from authserver.audit.events import Actor
from authserver.core.problems import NotFound
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy
from tests.unit.accounts.conftest import PASSWORD, RULES, WRONG, unthrottled

NEW = "Another-Horse-8"


@pytest.fixture
def change(door: SimpleNamespace, acme: Tenant, ada: str) -> Any:
    """Change the password of ada, from PASSWORD to NEW unless told otherwise."""
    installation = door.installation
    changes = PasswordChange(
        database=door.database,
        hasher=door.pooled,
        lockout=Lockout(lambda _own: RULES, installation.trail, installation.keyring),
        trail=installation.trail,
        keyring=installation.keyring,
        clock=door.clock,
        throttle=unthrottled(),
    )
    actor = Actor("user", ada, "req_1", "203.0.113.9", "Mozilla/5.0 (X11; Linux) Firefox/140.0")
    usual = ChangeRequest(acme.id, ada, PASSWORD, NEW, actor)

    def changed(keep: Any = lambda _transaction, _user: None, **more: Any) -> Any:
        return changes.change_password(replace(usual, **more), keep)

    return changed


def refused(change: Any, **more: Any) -> str:
    with pytest.raises(PresentPasswordRefused) as caught:
        change(**more)
    other = PresentPasswordRefused(Refusal.UNKNOWN)
    assert caught.value.document("req") == other.document("req")
    return caught.value.detail


def test_the_new_password_signs_in_and_the_old_one_does_not(
    door: SimpleNamespace, acme: Tenant, ada: str, change: Any
) -> None:
    door.clock.advance(days=1)
    assert change().security_epoch == 2
    assert door.user(ada).security_epoch == 2
    assert door.user(ada).password_changed_at == door.clock.now()
    assert door.reason(acme, PASSWORD) == "wrong_password"
    assert door.attempt(acme, NEW).user.id == ada


def test_the_change_stands_in_the_trail_and_a_mail_tells_from_where_it_came(
    door: SimpleNamespace, change: Any
) -> None:
    change()
    (event,) = door.installation.events("user.password_changed")
    assert '"kind":"user"' in event
    assert PASSWORD not in event
    assert NEW not in event
    (mail,) = door.mails()
    assert mail.to == "ada@example.com"
    assert mail.values == {
        "name": "Ada",
        "address": "203.0.113.9",
        "browser": "Firefox, Linux",
        "time": "2026-11-24 12:00 UTC",
    }
    assert door.woken == [None]


def test_nothing_is_told_of_a_change_that_did_not_happen(
    door: SimpleNamespace, ada: str, change: Any
) -> None:
    def fail(_transaction: object, _user: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        change(fail)
    assert door.mails() == []
    assert door.installation.events("user.password_changed") == []
    assert door.user(ada).security_epoch == 1


def test_the_session_is_kept_in_the_transaction_with_the_new_epoch(change: Any) -> None:
    kept: list[int] = []
    change(lambda _transaction, user: kept.append(user.security_epoch))
    assert kept == [2]


def test_other_browsers_become_unknown_and_this_one_stays_known(
    door: SimpleNamespace, acme: Tenant, change: Any
) -> None:
    mine, other = door.attempt(acme).device_token, door.attempt(acme).device_token
    door.fail(acme, 5)
    change(device_token=mine)
    assert door.counters() == {}
    door.fail(acme, 1, device_token=other)
    assert door.counters()["untrusted"][0] == 1
    door.fail(acme, 1, device_token=mine)
    assert door.counters()["untrusted"][0] == 1


@pytest.mark.parametrize(
    ("new", "weakness"),
    [
        ("short", Weakness.TOO_SHORT),
        ("Password-123", Weakness.COMMON),
        ("Acme-2026", Weakness.ORGANIZATION),
        ("Ada@Example.com-1", Weakness.EMAIL),
        (PASSWORD, Weakness.UNCHANGED),
    ],
)
def test_a_weak_or_unchanged_password_is_refused_before_any_hash(
    door: SimpleNamespace, change: Any, new: str, weakness: Weakness
) -> None:
    with pytest.raises(WeakPassword) as caught:
        change(new=new)
    assert weakness in caught.value.strength.found
    assert door.hasher.verified == 0


def test_the_same_password_in_another_spelling_is_the_same(
    door: SimpleNamespace, ada: str, change: Any
) -> None:
    door.change(ada, password_hash=door.hasher.hash("Caf\u00e9-noir-77"))
    with pytest.raises(WeakPassword, match="present password"):
        change(present="Caf\u00e9-noir-77", new="Cafe\u0301-noir-77")


def test_the_preset_of_the_tenant_decides(door: SimpleNamespace, change: Any) -> None:
    door.installation.preset("acme", "nist")
    with pytest.raises(WeakPassword, match="at least 15"):
        change(new="Another-Horse-8"[:14])
    with pytest.raises(WeakPassword, match="at least 15"):
        change(new="blue lantern")
    door.installation.policy("acme", TenantPolicy(mfa_required=True))
    assert change(new="blue lantern").security_epoch == 2


@pytest.mark.attack("ATK-083")
def test_wrong_guesses_count_with_those_of_the_sign_in_page_and_lock(
    door: SimpleNamespace, acme: Tenant, ada: str, change: Any
) -> None:
    door.fail(acme, 3)
    assert [refused(change, present=WRONG) for _ in range(2)] == ["wrong_password"] * 2
    assert len(door.mails()) == 1
    assert refused(change) == "locked"
    assert door.reason(acme, PASSWORD) == "locked"
    assert len(door.installation.events("user.password_refused")) == 3
    assert door.user(ada).security_epoch == 1


def test_a_refused_change_changes_nothing(door: SimpleNamespace, ada: str, change: Any) -> None:
    before = door.user(ada).password_hash
    refused(change, present=WRONG)
    refused(change, present="")
    assert door.user(ada).password_hash == before
    assert door.mails() == []


def test_where_a_reset_is_due_the_present_password_is_not_enough(
    door: SimpleNamespace, ada: str, change: Any
) -> None:
    door.change(ada, password_reset_required=True)
    assert refused(change, present=WRONG) == "wrong_password"
    with pytest.raises(PasswordResetRequired):
        change()
    assert door.user(ada).password_reset_required
    assert door.user(ada).security_epoch == 1


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"disabled_at": "now"}, "account_disabled"),
        ({"password_hash": None}, "no_password"),
    ],
)
def test_a_closed_account_changes_nothing(
    door: SimpleNamespace, ada: str, change: Any, state: dict[str, Any], reason: str
) -> None:
    door.change(ada, **{k: door.clock.now() if v == "now" else v for k, v in state.items()})
    assert refused(change) == reason


def test_an_account_of_another_tenant_is_not_there(door: SimpleNamespace, change: Any) -> None:
    with pytest.raises(NotFound):
        change(tenant_id=door.installation.tenant("other").id)


def test_one_of_two_parallel_changes_wins(door: SimpleNamespace, acme: Tenant, change: Any) -> None:
    both = Event()

    def wait() -> None:
        if door.hasher.verified == 2:
            both.set()
        both.wait(10)

    door.hasher.before = wait
    calls = [change, lambda: change(new="Third-Horse-9")]
    outcomes = door.in_parallel(calls)
    door.hasher.before = lambda: None
    (lost,) = [one for one in outcomes if isinstance(one, PresentPasswordRefused)]
    assert lost.detail == "account_changed_meanwhile"
    assert len(door.installation.events("user.password_changed")) == 1
    assert door.user(door.ada).security_epoch == 2
    assert acme
