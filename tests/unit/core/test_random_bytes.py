"""Short random values: each is given out once, in one process."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.core.ids import LONGEST, random_bytes

NUMBER = 5_000


def test_no_value_is_given_out_twice_by_many_threads() -> None:
    def take(_worker: int) -> list[bytes]:
        return [random_bytes(LONGEST) for _ in range(NUMBER)]

    with ThreadPoolExecutor(8) as pool:
        values = [value for taken in pool.map(take, range(8)) for value in taken]
    assert len(set(values)) == len(values) == 8 * NUMBER
    assert {len(value) for value in values} == {LONGEST}


def test_a_child_process_does_not_give_out_what_its_parent_does() -> None:
    random_bytes(1)  # now some are waiting
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"".join(random_bytes(LONGEST) for _ in range(64)))
        os._exit(0)
    os.waitpid(child, 0)
    from_child = os.read(read, 64 * LONGEST)
    ours = {random_bytes(LONGEST) for _ in range(NUMBER)}
    pieces = [from_child[at : at + LONGEST] for at in range(0, len(from_child), LONGEST)]
    assert len(pieces) == 64
    assert ours.isdisjoint(pieces)


@pytest.mark.parametrize("count", [0, -1, LONGEST + 1])
def test_a_length_that_cannot_be_had_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="between"):
        random_bytes(count)
