"""Password hashing gives way to everything else, and is bounded."""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.core.hashing import HashingPool
from authserver.core.problems import Unavailable


def test_a_computation_gives_its_answer_or_its_failure() -> None:
    pool = HashingPool(running=1, waiting=1)
    assert pool.run(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        pool.run(lambda: 1 // 0)
    assert pool.run(lambda: 4) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no policy of their own")
def test_hashing_lets_every_other_thread_go_first() -> None:
    def policy() -> int:
        return os.sched_getscheduler(0)

    assert HashingPool(running=1, waiting=0).run(policy) == os.SCHED_IDLE
    assert policy() != os.SCHED_IDLE


def test_who_waited_long_enough_computes_without_giving_way() -> None:
    """As on a machine that others keep so busy that what gives way gets nothing."""
    own, end = threading.get_ident(), threading.Event()

    def compute() -> int:
        if threading.get_ident() != own:
            end.wait()
        return 7

    assert HashingPool(running=1, waiting=0, patience=0).run(compute) == 7
    end.set()


def test_no_more_than_the_bound_compute_or_wait() -> None:
    pool, begun, end = HashingPool(running=1, waiting=1), threading.Event(), threading.Event()

    def compute() -> int:
        begun.set()
        end.wait()
        return 1

    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(pool.run, compute)
        begun.wait()
        second = callers.submit(pool.run, compute)
        while pool._admitted._value:  # noqa: SLF001  the only way to know that the second waits
            pass
        with pytest.raises(Unavailable):
            pool.run(lambda: 2)
        end.set()
        assert [first.result(), second.result()] == [1, 1]
    assert pool.run(lambda: 5) == 5
