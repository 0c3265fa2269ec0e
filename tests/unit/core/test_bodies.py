"""Threads that wait for bodies: never all of them."""

import io
from threading import Event, Thread
from typing import Any

import pytest

from authserver.core.net.bodies import Bodies
from authserver.core.problems import Unavailable

PATIENT = 30.0  # seconds that no test waits for


class Held:
    """A body that comes when it is let go."""

    def __init__(self) -> None:
        self.begun, self.go = Event(), Event()

    def read(self, size: int) -> bytes:
        self.begun.set()
        assert self.go.wait(PATIENT)
        return b"a" * size


def guarded(bodies: Bodies, body: Any, length: str = "3") -> Any:
    environ = {"CONTENT_LENGTH": length, "wsgi.input": body}
    bodies.guard(environ)
    return environ["wsgi.input"]


def test_one_more_than_may_wait_is_refused_and_comes_in_afterwards() -> None:
    bodies, held = Bodies(1, patience=0), Held()
    reader = Thread(target=guarded(bodies, held).read, args=(3,))
    reader.start()
    assert held.begun.wait(PATIENT)
    with pytest.raises(Unavailable):
        guarded(bodies, io.BytesIO(b"abc")).read(3)
    held.go.set()
    reader.join()
    assert guarded(bodies, io.BytesIO(b"abc")).read(3) == b"abc"


def test_who_is_patient_gets_the_turn_of_another() -> None:
    bodies, held = Bodies(1, patience=PATIENT), Held()
    first = Thread(target=guarded(bodies, held).read, args=(3,))
    first.start()
    assert held.begun.wait(PATIENT)
    read: list[bytes] = []
    second = Thread(target=lambda: read.append(guarded(bodies, io.BytesIO(b"abc")).read()))
    second.start()
    held.go.set()
    second.join(PATIENT)
    first.join()
    assert read == [b"abc"]


def test_a_read_that_fails_gives_its_turn_back() -> None:
    bodies = Bodies(1, patience=0)
    for _ in range(3):
        with pytest.raises(ValueError, match="closed"):
            guarded(bodies, closed()).read(3)


def closed() -> io.BytesIO:
    body = io.BytesIO(b"abc")
    body.close()
    return body


def test_lines_are_read_by_turns_as_well() -> None:
    assert guarded(Bodies(1), io.BytesIO(b"a\nb")).readline() == b"a\n"


@pytest.mark.parametrize("length", ["", "0"])
def test_a_request_without_a_body_takes_no_turn(length: str) -> None:
    body = io.BytesIO()
    assert guarded(Bodies(0), body, length) is body


def test_a_body_of_unknown_length_takes_one() -> None:
    body = io.BytesIO(b"abc")
    environ = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body}
    Bodies(1).guard(environ)
    assert environ["wsgi.input"] is not body
