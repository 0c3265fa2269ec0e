"""The order of the tests in a run by several workers.

pytest-xdist cuts the list of tests into one piece for each worker. A worker that is done takes the
later half of the longest piece that is left, and so on. It counts tests and knows no seconds: as
collected, one worker has the browser and the documentation at the end of its piece, and goes on
alone for minutes. So each piece begins with a part of the slow tests and ends with the quickest.

* Slow are the folders of tests of seconds. A folder stays whole: its tests share a server.
* Then come those on an installation, sorted by its database: a worker makes one again whenever the
  database of the next test is another.
* What comes last, and is taken by others, needs nothing that was set up before.
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Kind(NamedTuple):
    """What is known of a test before it runs."""

    slow: str = ""
    """The name of those it stays with, if it is slow."""
    seconds: int = 0
    """How long all of these take, about."""
    database: str = ""
    """What its installation is made on, if it has one."""


def ordered(tests: Sequence[T], workers: int, kind: Callable[[T], Kind]) -> list[T]:
    """Return the tests as workers are to get them; what is alike stays in its order."""
    slow, installed, plain = _sorted(tests, kind)
    order: list[T] = []
    for number, head in enumerate(_dealt(slow, workers)):
        left = workers - number
        # As xdist cuts them: what remains, by the workers that remain.
        room = max(0, (len(tests) - len(order)) // left - len(head))
        middle = _taken(installed, room - min(room, len(plain) // left))
        order += [*head, *middle, *_taken(plain, room - len(middle))]
    return [*order, *installed, *plain]


def _sorted(
    tests: Sequence[T], kind: Callable[[T], Kind]
) -> tuple[dict[Kind, list[T]], deque[T], deque[T]]:
    """Tell the slow ones, those on an installation and the others apart."""
    kinds = [(kind(test), test) for test in tests]
    slow: dict[Kind, list[T]] = {}
    for its, test in kinds:
        if its.slow:
            slow.setdefault(its._replace(database=""), []).append(test)
    quick = [(its.database, test) for its, test in kinds if not its.slow]
    installed = sorted((pair for pair in quick if pair[0]), key=lambda pair: pair[0])
    plain = (test for database, test in quick if not database)
    return slow, deque(test for _, test in installed), deque(plain)


def _dealt(slow: dict[Kind, list[T]], workers: int) -> list[list[T]]:
    """Give the longest to who has the least, one after the other."""
    heads: list[list[T]] = [[] for _ in range(workers)]
    seconds = [0] * workers
    for kind, tests in sorted(slow.items(), key=lambda pair: (-pair[0].seconds, pair[0].slow)):
        least = seconds.index(min(seconds))
        heads[least] += tests
        seconds[least] += kind.seconds
    return heads


def _taken(tests: deque[T], count: int) -> list[T]:
    taken = list(islice(tests, count))
    for _ in taken:
        tests.popleft()
    return taken
