from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.accounts.policy import (
    LockoutRules,
    Refusal,
    Standing,
    Streak,
    after_failure,
    counts,
    judge,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULES = LockoutRules(attempts=5, first_lock=timedelta(minutes=30), reset_attempts=100)
OPEN = Standing(
    suspended=False, disabled=False, changed=False, has_password=True, locked=False,
    reset_required=False, password_over=False,
)  # fmt: skip


def failed(times: int, streak: Streak | None = None) -> Streak:
    streak = streak or Streak()
    for _ in range(times):
        streak = after_failure(streak, RULES, NOW)
    return streak


def test_the_fifth_failure_in_a_row_locks_for_thirty_minutes() -> None:
    assert failed(4) == Streak(4, None)
    assert failed(5) == Streak(5, NOW + timedelta(minutes=30))


def test_a_lock_holds_until_its_end_and_not_a_moment_longer() -> None:
    streak = failed(5)
    assert streak.is_locked(NOW + timedelta(minutes=30, microseconds=-1))
    assert not streak.is_locked(NOW + timedelta(minutes=30))


def test_each_lock_in_a_row_is_twice_as_long_up_to_a_day() -> None:
    hours = []
    for lock in range(1, 10):
        until = failed(5 * lock).locked_until
        assert until is not None
        hours.append((until - NOW) / timedelta(hours=1))
    assert hours == [0.5, 1, 2, 4, 8, 16, 24, 24, 24]


@given(st.integers(1, 10**9), st.integers(1, 100), st.integers(1, 10**8))
def test_no_count_and_no_setting_breaks_the_decision(
    failures: int, attempts: int, seconds: int
) -> None:
    rules = LockoutRules(attempts, timedelta(seconds=seconds), 100)
    streak = after_failure(Streak(failures - 1), rules, NOW)
    assert (streak.locked_until is not None) == (failures % attempts == 0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"locked": True}, Refusal.LOCKED),
        ({"disabled": True}, Refusal.DISABLED),
        ({"suspended": True}, Refusal.TENANT_SUSPENDED),
        ({"changed": True}, Refusal.CHANGED),
        ({"has_password": False}, Refusal.NO_PASSWORD),
    ],
)
def test_only_the_right_password_of_an_open_account_gets_in(
    change: dict[str, bool], expected: Refusal | None
) -> None:
    standing = Standing(**(vars(OPEN) | change))
    assert judge(standing, password_ok=True) is expected
    assert judge(standing, password_ok=False) is (expected or Refusal.WRONG_PASSWORD)


def test_a_due_reset_is_no_answer_to_a_wrong_password() -> None:
    standing = Standing(**(vars(OPEN) | {"reset_required": True}))
    assert judge(standing, password_ok=True) is Refusal.RESET_REQUIRED
    assert judge(standing, password_ok=False) is Refusal.WRONG_PASSWORD


def test_a_temporary_password_that_is_over_is_no_answer_to_a_wrong_one() -> None:
    standing = Standing(**(vars(OPEN) | {"password_over": True}))
    assert judge(standing, password_ok=True) is Refusal.PASSWORD_OVER
    assert judge(standing, password_ok=False) is Refusal.WRONG_PASSWORD


def test_no_account_never_gets_in() -> None:
    assert judge(None, password_ok=True) is Refusal.UNKNOWN


def test_only_guesses_that_could_have_succeeded_count() -> None:
    assert counts(OPEN, password_ok=False)
    assert not counts(OPEN, password_ok=True)
    assert not counts(None, password_ok=False)
    for change in ("suspended", "disabled", "changed", "locked"):
        assert not counts(Standing(**(vars(OPEN) | {change: True})), password_ok=False)
    assert not counts(Standing(**(vars(OPEN) | {"has_password": False})), password_ok=False)
