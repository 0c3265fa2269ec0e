"""Forged proofs prove nothing."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from tests.bundles.conftest import OURS, Written
from tests.support.bundles import trees
from tests.support.bundles.keys import base64
from tests.support.bundles.log import Line, text
from tests.support.bundles.verifying import Verifiers

pytestmark = [pytest.mark.node, pytest.mark.any_database]


def _event(lines: list[Line], seq: int) -> int:
    return next(at for at, line in enumerate(lines) if line.get("seq") == seq)


def _proof_of(kind: str) -> Callable[[list[Line]], Line]:
    return lambda lines: next(line for line in reversed(lines) if line["kind"] == kind)


@pytest.mark.parametrize(
    ("kind", "reason"), [("checkpoint", "log"), ("head", "head"), ("consistency", "consistency")]
)
@pytest.mark.parametrize(
    "forge",
    [
        lambda proof: proof[1:], lambda proof: proof[:-1], lambda proof: [*proof, proof[0]],
        lambda proof: [proof[0], *proof], lambda proof: [*proof[1:], base64(bytes(32))],
        lambda _: [],
    ],
)  # fmt: skip
def test_forged_proofs_prove_nothing(
    verifiers: Verifiers,
    written: Written,
    kind: str,
    reason: str,
    forge: Callable[[list[str]], list[str]],
) -> None:
    lines = deepcopy(written.log.lines(OURS, numbers=[1, 3]))
    lines[0]["last"] = 150
    line = _proof_of(kind)(lines)
    line["proof"] = forge(line["proof"])
    assert verifiers.brief(text(lines), written.given) == ("tampered", reason, None)


def test_a_head_is_where_it_says(verifiers: Verifiers, written: Written) -> None:
    for index in (1, 2, 3, 2**40):
        lines = deepcopy(written.lines)
        line = _proof_of("head")(lines)
        line["index"] = (line["index"] + index) % 2**41
        assert verifiers.brief(text(lines), written.given) == ("tampered", "head", None)


def test_a_start_that_was_not_signed_is_refused(verifiers: Verifiers, written: Written) -> None:
    for first, told in ((51, ("start", None)), (60, ("root", 60))):
        lines = deepcopy(written.log.lines(OURS, first=first))
        frontier = lines[_event(lines, first) - 1]["frontier"]
        frontier[0] = base64(trees.digest(b"another"))
        assert verifiers.brief(text(lines), written.given) == ("tampered", *told)
