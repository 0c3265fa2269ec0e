"""How often somebody may guess, and who needs a second factor: pure decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.mfa.policy import (
    HOUR,
    Guesses,
    GuessRules,
    after_guess,
    after_right_code,
    is_due,
    may_guess,
)

RULES = GuessRules(in_a_flow=5, in_an_hour=10, in_a_row=100)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("has_factor", [True, False])
@pytest.mark.parametrize("mandatory", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_any_reason_is_enough(*, has_factor: bool, mandatory: bool, asked: bool) -> None:
    due = is_due(has_factor=has_factor, mandatory=mandatory, asked=asked)
    assert due == (has_factor or mandatory or asked)


def test_the_fifth_wrong_code_of_a_flow_is_its_last() -> None:
    guesses = Guesses()
    for _ in range(5):
        assert may_guess(guesses, RULES, NOW)
        guesses = after_guess(guesses, RULES, NOW)
    assert not may_guess(guesses, RULES, NOW)
    assert may_guess(replace(guesses, in_this_flow=0), RULES, NOW), "another flow"


def test_the_tenth_of_the_hour_locks_for_an_hour() -> None:
    guesses = Guesses()
    for _ in range(10):
        guesses = after_guess(replace(guesses, in_this_flow=0), RULES, NOW)
    guesses = replace(guesses, in_this_flow=0)
    assert not may_guess(guesses, RULES, NOW + HOUR - timedelta(seconds=1))
    assert may_guess(guesses, RULES, NOW + HOUR)


def test_the_hundredth_in_a_row_closes_for_good() -> None:
    guesses = Guesses(in_a_row=99)
    assert may_guess(guesses, RULES, NOW)
    closed = replace(after_guess(guesses, RULES, NOW), in_this_flow=0)
    assert not may_guess(closed, RULES, NOW + timedelta(days=365))


def test_a_right_code_forgives_those_in_a_row_and_not_those_of_the_hour() -> None:
    guesses = Guesses(in_this_flow=2, recent=(NOW,) * 9, in_a_row=9)
    forgiven = after_right_code(guesses)
    assert (forgiven.in_a_row, forgiven.recent) == (0, guesses.recent)


@given(st.lists(st.tuples(st.integers(0, 4000), st.booleans()), max_size=80))
def test_no_sixty_minutes_hold_more_than_ten_wrong_codes(steps: list[tuple[int, bool]]) -> None:
    now, guesses, wrong = NOW, Guesses(), []
    for seconds, right in steps:
        now += timedelta(seconds=seconds)
        guesses = replace(guesses, in_this_flow=0)
        if not may_guess(guesses, RULES, now):
            continue
        if right:
            guesses = after_right_code(guesses)
        else:
            guesses = after_guess(guesses, RULES, now)
            wrong.append(now)
    for begin in wrong:
        assert sum(1 for moment in wrong if begin <= moment < begin + HOUR) <= 10
