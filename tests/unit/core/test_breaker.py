from datetime import UTC, datetime, timedelta

import pytest

from authserver.core.net import breaker
from authserver.core.net.breaker import BreakerRules, Breakers, Circuit
from tests.unit.conftest import MovableClock

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def circuits(clock: MovableClock) -> Breakers:
    return Breakers(clock)


def fail(circuits: Breakers, times: int, key: str = "con_a") -> None:
    for _ in range(times):
        assert circuits.enter(key)
        circuits.failed(key)


def test_three_failures_in_a_row_open_the_circuit(circuits: Breakers) -> None:
    fail(circuits, 2)
    assert not circuits.is_open("con_a")
    fail(circuits, 1)
    assert circuits.is_open("con_a")
    assert not circuits.enter("con_a")


def test_a_success_in_between_begins_the_count_anew(circuits: Breakers) -> None:
    for _ in range(5):
        fail(circuits, 2)
        assert circuits.enter("con_a")
        circuits.succeeded("con_a")
    assert circuits.enter("con_a")


def test_one_far_side_is_not_another(circuits: Breakers) -> None:
    fail(circuits, 3, "con_a")
    assert circuits.enter("con_b")


def test_after_half_a_minute_one_request_may_try_and_no_other(
    circuits: Breakers, clock: MovableClock
) -> None:
    fail(circuits, 3)
    clock.advance(seconds=29)
    assert not circuits.enter("con_a")
    clock.advance(seconds=1)
    assert not circuits.is_open("con_a")
    assert circuits.enter("con_a")
    assert not circuits.enter("con_a")
    assert circuits.is_open("con_a")


def test_a_trial_that_succeeds_closes_the_circuit(circuits: Breakers, clock: MovableClock) -> None:
    fail(circuits, 3)
    clock.advance(seconds=30)
    assert circuits.enter("con_a")
    circuits.succeeded("con_a")
    fail(circuits, 2)
    assert circuits.enter("con_a")


def test_a_trial_that_fails_opens_it_anew(circuits: Breakers, clock: MovableClock) -> None:
    fail(circuits, 3)
    clock.advance(seconds=30)
    fail(circuits, 1)
    clock.advance(seconds=29)
    assert not circuits.enter("con_a")
    clock.advance(seconds=1)
    assert circuits.enter("con_a")


def test_a_trial_that_never_reports_keeps_nobody_out_for_ever(
    circuits: Breakers, clock: MovableClock
) -> None:
    fail(circuits, 3)
    clock.advance(seconds=30)
    assert circuits.enter("con_a")
    clock.advance(seconds=30)
    assert circuits.enter("con_a")


def test_the_state_is_a_value() -> None:
    rules = BreakerRules(failures=2, rest=timedelta(seconds=10))
    once = breaker.after_failure(Circuit(), NOW, rules)
    twice = breaker.after_failure(once, NOW, rules)
    assert (once, twice) == (Circuit(1, None), Circuit(2, NOW))
    assert twice.rests(NOW + timedelta(seconds=9), rules)
    assert not twice.rests(NOW + timedelta(seconds=10), rules)
    assert breaker.after_entering(once, NOW) == once


def test_memory_is_bounded(circuits: Breakers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "_REMEMBERED", 2)
    for key in ("con_a", "con_b", "con_c"):
        fail(circuits, 3, key)
    assert [circuits.is_open(key) for key in ("con_a", "con_b", "con_c")] == [False, True, True]
