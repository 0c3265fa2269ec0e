"""Fixed windows count every request once, forget what is over, and never grow without bound."""

import pytest
from limits.storage import storage_from_string

from authserver.core.limits import windows
from authserver.core.limits.windows import LocalWindows, SharedWindows, storage_uri
from tests.support.parallel import together


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1", "rediss://127.0.0.1:1/2"])
def test_the_settings_name_a_storage(url: str | None) -> None:
    storage = storage_from_string(storage_uri(url))
    assert type(storage) is (SharedWindows if url else LocalWindows)
    assert storage.check()


def test_requests_at_once_are_each_counted_and_none_fails() -> None:
    """The library's own storage starts a thread each time, which fails when two do so at once."""
    storage = LocalWindows()
    found = together(100, lambda _: [storage.incr("a", 60) for _ in range(20)])
    assert sorted(count for counts in found for count in counts) == list(range(1, 2001))


def test_a_window_ends_and_the_next_begins_with_the_next_request(clock: Clock) -> None:
    storage = LocalWindows(now=clock)
    assert [storage.incr("a", 60), storage.incr("a", 60, 2)] == [1, 3]
    assert (storage.get("a"), storage.get_expiry("a")) == (3, clock.now + 60)
    clock.now += 59.9
    assert storage.incr("a", 60) == 4
    clock.now += 0.1
    assert storage.get("a") == 0
    assert storage.incr("a", 60) == 1
    assert storage.get_expiry("a") == clock.now + 60


def test_keys_have_windows_of_their_own_and_can_be_forgotten(clock: Clock) -> None:
    storage = LocalWindows(now=clock)
    storage.incr("a", 60)
    storage.incr("b", 60)
    storage.clear("a")
    assert (storage.get("a"), storage.get("b"), storage.get("c")) == (0, 1, 0)
    assert storage.reset() == 1
    assert storage.get("b") == 0


def test_of_too_many_windows_those_go_that_are_over_then_those_that_end_first(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "_MAX_WINDOWS", 100)
    storage = LocalWindows(now=clock)
    for number in range(50):
        storage.incr(f"short {number}", 10)
    clock.now += 10
    for number in range(100):
        storage.incr(f"long {number}", 60 + number)
    assert [storage.get(f"short {number}") for number in range(50)] == [0] * 50
    assert [storage.get(f"long {number}") for number in range(100)] == [1] * 100
    storage.incr("one more", 1000)
    kept = [number for number in range(100) if storage.get(f"long {number}")]
    assert kept == list(range(10, 100))
    assert storage.get("one more") == 1


def test_processes_share_windows_through_redis(redis_url: str) -> None:
    uri = storage_uri(redis_url)
    one, other = SharedWindows(uri), SharedWindows(uri)
    key = f"shared by {id(one)}"
    found = together(40, lambda number: (one, other)[number % 2].incr(key, 60))
    assert sorted(found) == list(range(1, 41))


def test_while_redis_does_not_answer_the_process_counts_and_asks_it_seldom(clock: Clock) -> None:
    storage = SharedWindows("windows+redis://127.0.0.1:1", now=clock)
    asked = []
    storage._redis.incr = lambda *given: asked.append(given) or 1 / 0  # noqa: SLF001  no Redis at all
    assert [storage.incr("a", 60) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert len(asked) == 1
    clock.now += 1
    assert storage.incr("a", 60) == 6
    assert len(asked) == 2
