"""The slow tests stand where each worker begins, and what was together stays together."""

from itertools import pairwise

import pytest

from tests.support.order import Kind, ordered

KINDS = {
    "browser": Kind("browser", 100),
    "docs": Kind("docs", 60),
    "faults": Kind("faults", 30, "sqlite"),
    "flows-a": Kind(database="sqlite"),
    "flows-b": Kind(database="postgresql"),
    "unit": Kind(),
}
# As pytest has them: by folder, and some with and some without an installation.
COLLECTED = [
    (folder, number)
    for folder, count in (
        ("flows-a", 30),
        ("flows-b", 30),
        ("browser", 9),
        ("docs", 7),
        ("flows-a", 20),
        ("faults", 5),
        ("unit", 100),
    )
    for number in range(count)
]
Test = tuple[str, int]


def kind(test: Test) -> Kind:
    return KINDS[test[0]]


def pieces(tests: list[Test], workers: int) -> list[list[Test]]:
    """Cut as pytest-xdist does."""
    rest, cut = list(tests), []
    for left in range(workers, 0, -1):
        count = len(rest) // left
        cut.append(rest[:count])
        rest = rest[count:]
    return cut


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
def test_nothing_is_lost_or_made_up(workers: int) -> None:
    assert sorted(ordered(COLLECTED, workers, kind)) == sorted(COLLECTED)
    assert ordered(COLLECTED, workers, kind) == ordered(COLLECTED, workers, kind)


def test_each_worker_begins_with_slow_tests_and_ends_with_the_plain_ones() -> None:
    cut = pieces(ordered(COLLECTED, 3, kind), 3)
    assert [piece[0][0] for piece in cut] == ["browser", "docs", "faults"]
    for piece in cut:
        ranks = [(not kind(test).slow, not kind(test).database) for test in piece]
        ranks = [(quick, quick and plain) for quick, plain in ranks]
        assert ranks == sorted(ranks)
        assert piece[-1][0] == "unit"


def test_two_slow_folders_of_one_worker_are_the_short_ones() -> None:
    cut = pieces(ordered(COLLECTED, 2, kind), 2)
    slow = [[folder for folder, _ in piece if KINDS[folder].slow] for piece in cut]
    assert [list(dict.fromkeys(folders)) for folders in slow] == [["browser"], ["docs", "faults"]]


def test_a_folder_stays_together_in_its_order() -> None:
    made = ordered(COLLECTED, 3, kind)
    for folder in ("browser", "docs", "faults"):
        first = made.index((folder, 0))
        count = sum(test[0] == folder for test in COLLECTED)
        assert made[first : first + count] == [(folder, number) for number in range(count)]


def test_a_worker_changes_its_database_once_at_most() -> None:
    for piece in pieces(ordered(COLLECTED, 3, kind), 3):
        databases = [kind(test).database for test in piece if not kind(test).slow]
        used = [database for database in databases if database]
        assert sum(one != other for one, other in pairwise(used)) <= 1


@pytest.mark.parametrize("folder", ["browser", "flows-a", "unit"])
def test_a_run_of_one_folder_keeps_its_order(folder: str) -> None:
    chosen = [test for test in COLLECTED if test[0] == folder]
    assert ordered(chosen, 3, kind) == chosen


def test_more_slow_tests_than_a_worker_has_room_for_are_no_obstacle() -> None:
    chosen = [test for test in COLLECTED if test[0] in {"browser", "docs"}][:12]
    chosen.append(("unit", 0))
    made = ordered(chosen, 3, kind)
    assert sorted(made) == sorted(chosen)
    assert made[-1] == ("unit", 0)
