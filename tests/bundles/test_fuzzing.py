"""AUD-13: whatever becomes of a bundle, both verifiers say the same, and no one verifies it."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.bundles.keys import LogKey
from tests.support.bundles.log import BEGUN, Log, text
from tests.support.bundles.verifying import Given, Verifiers

pytestmark = [pytest.mark.node, pytest.mark.any_database]
_FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_VALUES = st.one_of(
    st.integers(-2, 2**54), st.text(max_size=12), st.none(), st.booleans(), st.floats(),
    st.lists(st.text(max_size=4), max_size=2),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)  # fmt: skip


def _log() -> Log:
    log = Log(LogKey(BEGUN))
    for tenant in ("ten_a", "ten_b", "ten_a", "ten_c", "ten_a"):
        log.record(tenant, '{"n":"é"}', "{}", '{"b":[1]}')
        log.checkpoint()
    log.trails["ten_a"].pruned.add(4)
    return log


LOG = _log()
GIVEN = Given(LOG.saved_keys(), anchors=[LOG.checkpoints[0].note])
BUNDLES = [
    text(LOG.lines("ten_a", first=first, numbers=numbers))
    for first, numbers in ((1, [1, 2, 3, 4, 5]), (4, [1, 3, 5]), (1, [1, 5]))
]
ORIGINALS = st.sampled_from(BUNDLES)


def _check(verifiers: Verifiers, original: bytes, changed: bytes) -> None:
    verdict = verifiers.verdict(changed, GIVEN)
    assert changed == original or verdict["status"] in {"tampered", "incomplete"}
    # Nothing that is whole is only incomplete: it is the end that is missing.
    if verdict["status"] == "incomplete":
        assert verdict["reasons"] == ["cut_short"]


@pytest.mark.attack("AUD-13")
@_FUZZ
@given(
    original=ORIGINALS,
    place=st.integers(0, 10**6),
    cut=st.integers(0, 3),
    put=st.binary(max_size=3),
)
def test_bytes_are_changed(
    verifiers: Verifiers, original: bytes, place: int, cut: int, put: bytes
) -> None:
    at = place % len(original)
    _check(verifiers, original, original[:at] + put + original[at + cut :])


@pytest.mark.attack("AUD-13")
@_FUZZ
@given(original=ORIGINALS, data=st.data())
def test_lines_are_moved(verifiers: Verifiers, original: bytes, data: st.DataObject) -> None:
    lines = original.splitlines(keepends=True)
    places = st.integers(0, len(lines) - 1)
    for act in data.draw(st.lists(st.sampled_from(["drop", "swap", "repeat"]), max_size=3)):
        one, other = data.draw(places) % len(lines), data.draw(places) % len(lines)
        if act == "drop" and len(lines) > 1:
            del lines[one]
        elif act == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        else:
            lines.insert(one, lines[other])
    changed = b"".join(lines)
    verdict = verifiers.verdict(changed, GIVEN)
    # With saved keys and a later head, a key or a head more or less changes no proof.
    assert verdict["status"] != "verified" or _proving(changed) == _proving(original)


def _proving(bundle: bytes) -> list[bytes]:
    lines = bundle.splitlines()
    return [line for line in lines if not line.startswith((b'{"kind":"key"', b'{"kind":"head"'))]


@pytest.mark.attack("AUD-13")
@_FUZZ
@given(original=ORIGINALS, line=st.integers(0, 10**6), member=st.integers(0, 9), value=_VALUES)
def test_values_are_changed(
    verifiers: Verifiers, original: bytes, line: int, member: int, value: Any
) -> None:
    lines = original.splitlines(keepends=True)
    at = line % len(lines)
    document = json.loads(lines[at])
    document[[*document][member % len(document)]] = value
    said = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    lines[at] = said.encode("utf-8", "replace") + b"\n"
    _check(verifiers, original, b"".join(lines))


@pytest.mark.attack("AUD-13")
@_FUZZ
@given(junk=st.binary(max_size=200), marked=st.booleans())
def test_junk_is_no_bundle(verifiers: Verifiers, junk: bytes, marked: bool) -> None:  # noqa: FBT001
    verdict = verifiers.verdict((b"\x1f\x8b" if marked else b"") + junk, GIVEN)
    assert verdict["status"] in {"tampered", "incomplete"}
