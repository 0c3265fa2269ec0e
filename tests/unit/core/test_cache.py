"""Snapshots are read once a generation, and a change is seen at once or in a second."""

from authserver.core.cache import Snapshots, Watch


class Table:
    """The database's side: a counter, rows, and how often either was read."""

    def __init__(self) -> None:
        self.version = 1
        self.rows: dict[str, str] = {"a": "1"}
        self.reads: list[str] = []
        self.looks = 0
        self.time = 100.0
        self.watch = Watch(self._look, lambda: self.time)
        self.snapshots = Snapshots(self.watch, self._load)

    def _look(self) -> int:
        self.looks += 1
        return self.version

    def _load(self, key: str) -> str | None:
        self.reads.append(key)
        return self.rows.get(key)


def test_a_row_is_read_once_and_a_missing_one_too() -> None:
    table = Table()
    for _ in range(3):
        assert table.snapshots.get("a") == "1"
        assert table.snapshots.get("b") is None
    assert table.reads == ["a", "b"]


def test_the_counter_is_read_at_most_once_a_second() -> None:
    table = Table()
    for _ in range(100):
        table.snapshots.get("a")
    assert table.looks == 1
    table.time += 1
    table.snapshots.get("a")
    assert table.looks == 2
    assert table.reads == ["a"]


def test_a_change_elsewhere_is_seen_within_a_second() -> None:
    table = Table()
    table.snapshots.get("a")
    table.rows["a"], table.version = "2", 2
    table.time += 0.9
    assert table.snapshots.get("a") == "1"
    table.time += 0.1
    assert table.snapshots.get("a") == "2"


def test_a_change_of_this_process_is_seen_at_once() -> None:
    table = Table()
    table.snapshots.get("a")
    table.rows["a"], table.version = "2", 2
    table.watch.changed()
    assert table.snapshots.get("a") == "2"


def test_one_value_is_renewed_without_the_others() -> None:
    table = Table()
    table.snapshots.get("a")
    table.snapshots.get("b")
    table.rows["a"] = "2"
    assert table.snapshots.renew("a") == "2"
    table.snapshots.get("b")
    assert table.reads == ["a", "b", "a"]


def test_misses_do_not_fill_the_memory() -> None:
    table = Table()
    for number in range(30_000):
        table.snapshots.get(f"nonsense {number}")
    assert len(table.snapshots._values) <= 10_001  # noqa: SLF001  the bound is the promise
