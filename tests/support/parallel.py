"""Threads that start at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def together(count: int, work: Callable[[int], T]) -> list[T]:
    """Run `work(0) ... work(count - 1)`, each in a thread of its own, and return what they gave."""
    start = Barrier(count)

    def run(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def at_once(*works: Callable[[], T]) -> list[T]:
    """Run different works at the same moment."""
    return together(len(works), lambda number: works[number]())
