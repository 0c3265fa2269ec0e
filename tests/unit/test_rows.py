"""A test that goes through a table looks at every case and names those that fail."""

import pytest

from tests.support.rows import each


def test_every_combination_is_looked_at_together_with_the_fixtures() -> None:
    seen: list[object] = []

    @each(letter="ab", number=(1, 2))
    def look(fixture: str, letter: str, number: int) -> None:
        seen.append((fixture, letter, number))

    look(fixture="f")
    assert seen == [("f", "a", 1), ("f", "a", 2), ("f", "b", 1), ("f", "b", 2)]


def test_what_fails_is_named_and_hides_nothing_that_comes_later() -> None:
    @each(number=(1, 2, 3))
    def is_two(number: int) -> None:
        assert number == 2

    with pytest.raises(ExceptionGroup, match="2 of 3") as failed:
        is_two()
    notes = [error.__notes__ for error in failed.value.exceptions]
    assert notes == [["for number=1"], ["for number=3"]]


def test_a_table_without_cases_is_refused() -> None:
    with pytest.raises(AssertionError, match="no case"):
        each(number=())


@each(number=(1, 2))
def test_pytest_gives_what_is_in_no_table(number: int, tmp_path: object) -> None:
    assert number
    assert tmp_path
