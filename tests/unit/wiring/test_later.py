"""A layer that is made when somebody asks for it: once, and for its own paths alone."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from authserver.wiring.apart.later import Later


def answering(name: bytes) -> Any:
    def application(_environ: object, _start: object) -> Iterable[bytes]:
        return [name]

    return application


def ask(later: Later, path: str) -> bytes:
    return b"".join(later({"PATH_INFO": path}, lambda *_: lambda _: None))


@pytest.mark.parametrize("path", ["/far", "/far/", "/far/away", "/far/../near"])
def test_what_lies_below_is_answered_by_what_was_made(path: str) -> None:
    later = Later(answering(b"next"), ("far",), lambda: answering(b"made"))
    assert ask(later, path) == b"made"


@pytest.mark.parametrize("path", ["", "/", "far", "/farther", "/near/far", "//far", "/Far"])
def test_everything_else_is_passed_on_and_nothing_is_made(path: str) -> None:
    later = Later(answering(b"next"), ("far",), lambda: pytest.fail("made for nobody"))
    assert ask(later, path) == b"next"


def test_many_who_ask_at_once_have_it_made_once() -> None:
    made, together = [], Barrier(8)

    def make() -> Any:
        made.append(1)
        return answering(b"made")

    later = Later(answering(b"next"), ("far",), make)

    def visit(_: int) -> bytes:
        together.wait()
        return ask(later, "/far")

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(visit, range(8))] == [b"made"] * 8
    assert made == [1]


def test_after_a_failure_the_next_who_asks_has_it_made() -> None:
    outcomes = iter([ValueError("not yet"), None])

    def make() -> Any:
        failure = next(outcomes)
        if failure:
            raise failure
        return answering(b"made")

    later = Later(answering(b"next"), ("far",), make)
    with pytest.raises(ValueError, match="not yet"):
        ask(later, "/far")
    assert ask(later, "/far") == b"made"
