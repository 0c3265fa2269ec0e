"""Connections that are lent: few at once, and never so few that somebody waits for themselves."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from authserver.core.database import kept
from authserver.core.database.engine import make_engine
from authserver.core.database.kept import Kept


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    yield made
    made.dispose()


def test_who_comes_too_late_gets_what_somebody_gives_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_PATIENCE", 60)
    readers = Kept(engine, most=8, at_once=2)
    places = readers.free = _Places(2)
    with ThreadPoolExecutor(1) as other, readers.borrow():
        with readers.borrow() as second:
            late = other.submit(_borrowed, readers)
            assert places.somebody_waits.wait(10)
        assert late.result() is second
    readers.close()
    assert "Connections in pool: 2" in engine.pool.status()


def test_who_holds_all_of_the_few_and_asks_for_another_gets_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_PATIENCE", 0.001)
    readers = Kept(engine, most=8, at_once=1)
    for _ in range(2):
        with readers.borrow() as outer, readers.borrow() as inner:
            assert inner is not outer
    readers.close()


def test_a_connection_that_cannot_be_had_leaves_room_for_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = Kept(engine, most=8, at_once=1)
    with monkeypatch.context() as down:
        down.setattr(readers, "take", _down)
        with pytest.raises(OSError, match="no connection"), readers.borrow():
            pass
    monkeypatch.setattr(kept, "_PATIENCE", 60)
    with readers.borrow():
        assert not readers.free.acquire(blocking=False)
    assert readers.free.acquire(blocking=False)
    readers.close()


def test_a_failure_inside_gives_the_place_back(engine: Engine) -> None:
    readers = Kept(engine, most=8, at_once=1)
    with pytest.raises(ValueError, match="inside"), readers.borrow():
        raise ValueError("inside")
    assert readers.free.acquire(blocking=False)


class _Places(threading.Semaphore):
    """Says when somebody finds none free."""

    def __init__(self, value: int) -> None:
        super().__init__(value)
        self.somebody_waits = threading.Event()

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002  as it is inherited
        if super().acquire(blocking=False):
            return True
        self.somebody_waits.set()
        return super().acquire(blocking, timeout)


def _borrowed(readers: Kept) -> object:
    with readers.borrow() as connection:
        return connection


def _down() -> None:
    raise OSError("no connection")
