"""AUD-01, AUD-02, AUD-04, AUD-05: whoever changes a trail is found out, and where."""

import json
import pickle
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import pytest

from authserver.sdk.trail_verifier import Trust, Verifier, verify
from tests.bundles.conftest import OTHER, OURS, Written
from tests.support.bundles.keys import LogKey
from tests.support.bundles.log import BEGUN, Line, Log, text
from tests.support.bundles.verifying import Given, Verifiers, python, trust

pytestmark = [pytest.mark.node, pytest.mark.any_database]
Change = Callable[[list[Line]], object]


def _flipped(line: bytes) -> Iterator[bytes]:
    for place in range(len(line)):
        changed = bytearray(line)
        changed[place] ^= 1
        yield bytes(changed)


@pytest.mark.attack("AUD-01")
def test_every_flipped_byte_is_found_and_its_number_named(written: Written) -> None:
    """The verifier is stopped before each event, and meets it with each of its bytes flipped."""
    lines = text(written.log.lines(OURS, numbers=[4])).splitlines(keepends=True)
    verifier, met = Verifier(trust(written.given)), 0
    for line, following in pairwise(lines):
        if b'"seq"' in line:
            stopped = pickle.dumps(verifier)
            for changed in _flipped(line):
                again = pickle.loads(stopped)  # noqa: S301  it is our own
                told = verify([changed, following], Trust(), again)
                assert (told.status, told.at) == ("tampered", json.loads(line)["seq"]), changed
            met += 1
        verifier.take(line.rstrip(b"\n"))
    assert met == 200


@pytest.mark.attack("AUD-01")
def test_every_flipped_byte_around_the_events_is_found(written: Written) -> None:
    lines = text(written.log.lines(OTHER, numbers=[4])).splitlines(keepends=True)
    for at, line in enumerate(lines):
        for changed in _flipped(line):
            told = python(b"".join([*lines[:at], changed, *lines[at + 1 :]]), written.given)
            # Without its last newline the file only seems to end too early.
            cut = line.startswith(b'{"kind":"end"') and not changed.endswith(b"\n")
            assert told["status"] == ("incomplete" if cut else "tampered"), changed


def _event(lines: list[Line], seq: int) -> int:
    return next(at for at, line in enumerate(lines) if line.get("seq") == seq)


def _delete(lines: list[Line]) -> None:
    del lines[_event(lines, 57)]


def _delete_the_last(lines: list[Line]) -> None:
    del lines[_event(lines, 200)]


def _repeat(lines: list[Line]) -> None:
    lines.insert(_event(lines, 57), lines[_event(lines, 57)])


def _swap(lines: list[Line]) -> None:
    at = _event(lines, 57)
    lines[at : at + 2] = lines[at + 1], lines[at]


def _insert(lines: list[Line]) -> None:
    at = _event(lines, 57)
    lines.insert(at, {**lines[at], "body": "{}"})
    for seq, line in enumerate(lines[at : _event(lines, 200) + 2], 57):
        line["seq"] = seq


def _change(lines: list[Line]) -> None:
    lines[_event(lines, 57)]["body"] += " "


def _cut(lines: list[Line]) -> None:
    """Whoever cuts off the end says so everywhere they can."""
    del lines[_event(lines, 190) + 1 : -1]
    lines[0]["last"], lines[-1]["events"] = 190, 189


def _call_it_ours(lines: list[Line]) -> None:
    lines[0]["tenant"] = OTHER


def _prune(lines: list[Line]) -> None:
    """A tombstone with another hash than the event had."""
    at = _event(lines, 57)
    seq, chain = lines[at]["seq"], lines[at]["chain"]
    lines[at] = {"kind": "tombstone", "seq": seq, "leaf": chain, "chain": chain}


@pytest.mark.attack("AUD-02")
@pytest.mark.parametrize(
    ("change", "brief"),
    [
        (_delete, ("tampered", "number", 57)),
        (_delete_the_last, ("tampered", "number", 200)),
        (_repeat, ("tampered", "number", 58)),
        (_swap, ("tampered", "number", 57)),
        (_insert, ("tampered", "chain", 57)),
        (_change, ("tampered", "chain", 57)),
        (_cut, ("tampered", "cut", 191)),
        (_call_it_ours, ("tampered", "head", None)),
        (_prune, ("tampered", "chain", 57)),
    ],
)
def test_a_changed_row_is_found(
    verifiers: Verifiers, written: Written, change: Change, brief: tuple[object, ...]
) -> None:
    lines = deepcopy(written.lines)
    change(lines)
    assert verifiers.brief(text(lines), written.given) == brief


@pytest.mark.attack("AUD-02")
def test_an_event_of_another_tenant_is_none_of_ours(verifiers: Verifiers, written: Written) -> None:
    lines, others = deepcopy(written.lines), written.log.lines(OTHER)
    lines[_event(lines, 5)] = others[_event(others, 5)]
    assert verifiers.brief(text(lines), written.given) == ("tampered", "chain", 5)


def rewritten(log: Log, *, seq: int) -> Log:
    """The same log with another event, and all that follows from it, by the same keys."""
    again = Log(*log.keys)
    bodies = [*log.trails[OURS].bodies]
    bodies[seq - 1] = '{"nothing":"happened"}'
    for checkpoint in log.checkpoints:
        for tenant, size in checkpoint.sizes.items():
            of = bodies if tenant == OURS else log.trails[tenant].bodies
            have = len(again.trails[tenant].leaves) if tenant in again.trails else 0
            again.record(tenant, *of[have:size])
        again.checkpoint()
    return again


@pytest.mark.attack("AUD-04")
def test_history_rewritten_with_another_key_is_found(
    verifiers: Verifiers, written: Written
) -> None:
    forger = Log(LogKey(BEGUN))
    forger.record(OURS, *written.log.trails[OURS].bodies)
    forger.checkpoint()
    bundle = text(forger.lines(OURS))
    assert verifiers.brief(bundle, written.given) == ("tampered", "key", None)
    lines = [line for line in forger.lines(OURS) if line["kind"] != "key"]
    assert verifiers.brief(text(lines), written.given) == ("tampered", "signature", None)


@pytest.mark.attack("AUD-04")
def test_history_rewritten_after_a_checkpoint_lies_between_the_heads(
    verifiers: Verifiers, written: Written
) -> None:
    """The signed heads are kept, all events from the 120th on are chained anew."""
    lines, forged = deepcopy(written.lines), rewritten(written.log, seq=120).lines(OURS)
    lines[_event(lines, 101) :] = forged[_event(forged, 101) :]
    verdict = verifiers.verdict(text(lines), written.given)
    assert verdict["reasons"] == ["root"]
    assert (verdict["at"], verdict["until"]) == (101, 150)


@pytest.mark.attack("AUD-04")
@pytest.mark.attack("AUD-05")
def test_history_rewritten_with_the_right_key_is_found_by_anchors_alone(
    verifiers: Verifiers, written: Written
) -> None:
    forged = rewritten(written.log, seq=57)
    bundle = text(forged.lines(OURS))
    assert verifiers.brief(bundle, written.given) == ("verified", None)
    anchor = written.log.checkpoints[1].note
    verdict = verifiers.verdict(bundle, replace(written.given, anchors=[anchor]))
    assert verdict["reasons"] == ["fork"]
    assert verdict["notes"] == [forged.checkpoints[1].note, anchor]


@pytest.mark.attack("AUD-04")
def test_another_history_behind_the_same_log_is_found_by_the_head_of_the_anchor(
    verifiers: Verifiers,
) -> None:
    """The kept checkpoint stays in the log; it is the tenant's trail that is another one now."""
    log = Log()
    log.record(OURS, '{"paid":"no"}')
    anchor = log.checkpoint().note
    log.trails.pop(OURS)
    log.record(OURS, '{"paid":"yes"}', "{}")
    log.checkpoint()
    given = Given(log.saved_keys(), anchors=[anchor])
    lines = log.lines(OURS, numbers=[1, 2])
    left_out = [one for one in lines if (one["kind"], one.get("checkpoint")) != ("head", 1)]
    assert verifiers.brief(text(lines), given)[:2] == ("tampered", "head")
    assert verifiers.brief(text(left_out), given)[:2] == ("incomplete", "anchor_headless")


@pytest.mark.attack("AUD-05")
def test_two_anchors_that_differ_are_a_fork(verifiers: Verifiers, written: Written) -> None:
    forged = rewritten(written.log, seq=57)
    anchors = [log.checkpoints[0].note for log in (written.log, rewritten(written.log, seq=1))]
    given = replace(written.given, anchors=anchors)
    lines = forged.lines(OURS, numbers=[4])
    assert verifiers.brief(text(lines), given) == ("tampered", "fork", None)


def test_anchors_that_fit_are_counted_and_those_that_say_nothing_are_named(
    verifiers: Verifiers, written: Written
) -> None:
    first, second, _, newest = (one.note for one in written.log.checkpoints)

    def brief(anchors: list[str], numbers: list[int]) -> tuple[object, ...]:
        bundle = text(written.log.lines(OURS, last=200, numbers=numbers))
        given = replace(written.given, anchors=anchors)
        return *verifiers.brief(bundle, given), verifiers.verdict(bundle, given)["anchors"]

    assert brief([first, newest, newest], [1, 2, 3, 4]) == ("verified", None, 3)
    assert brief([second], [1, 4]) == ("incomplete", "anchor_absent", None, 0)
    assert brief([newest], [1, 3])[:3] == ("incomplete", "uncovered", "anchor_newer")
    stranger = Log()
    stranger.record(OURS, "{}")
    unknown = stranger.checkpoint().note
    assert brief([unknown], [4]) == ("incomplete", "anchor_unknown", None, 0)
