"""What the verifiers say of what a server writes, and of what it did not write."""

from collections.abc import Callable

import pytest

from tests.bundles.conftest import OTHER, OURS, SMALL, Written
from tests.support.bundles.keys import Witness
from tests.support.bundles.log import Log, text, zipped
from tests.support.bundles.verifying import Given, Verifiers

END = b'{"kind":"end","events":%s}'
pytestmark = [pytest.mark.node, pytest.mark.any_database]


@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
@pytest.mark.parametrize("make", [text, zipped])
def test_a_whole_trail_is_verified_however_it_arrives(
    verifiers: Verifiers, written: Written, size: int, make: Callable[..., bytes]
) -> None:
    verdict = verifiers.verdict(make(written.lines), written.given, size)
    assert verdict["status"] == "verified"
    assert (verdict["events"], verdict["tombstones"], verdict["checkpoint"]) == (199, 1, 4)


@pytest.mark.parametrize("tenant", [OURS, OTHER, SMALL])
@pytest.mark.parametrize("numbers", [[4], [3, 4], [1, 4]])
def test_each_tenant_proves_its_own_trail_with_the_checkpoints_it_chooses(
    verifiers: Verifiers, written: Written, tenant: str, numbers: list[int]
) -> None:
    bundle = text(written.log.lines(tenant, numbers=numbers))
    assert verifiers.brief(bundle, written.given) == ("verified", None)


@pytest.mark.parametrize("first", [2, 50, 51, 52, 100, 128, 129, 151, 200, 201])
def test_a_stretch_is_verified_from_its_start(
    verifiers: Verifiers, written: Written, first: int
) -> None:
    bundle = text(written.log.lines(OURS, first=first))
    assert verifiers.brief(bundle, written.given) == ("verified", None)


def test_keys_that_come_with_the_bundle_alone_prove_nothing(
    verifiers: Verifiers, written: Written
) -> None:
    brief = verifiers.brief(text(written.lines), Given())
    assert brief == ("incomplete", "keys_untrusted", None)


@pytest.mark.parametrize("ends", [0, 1, 100, 5_000, -1])
@pytest.mark.parametrize("make", [text, zipped])
def test_a_file_that_ends_early_is_incomplete(
    verifiers: Verifiers, written: Written, ends: int, make: Callable[..., bytes]
) -> None:
    bundle = make(written.lines)[:ends]
    assert verifiers.brief(bundle, written.given) == ("incomplete", "cut_short", None)


def test_events_after_the_newest_checkpoint_are_not_called_verified(
    verifiers: Verifiers, written: Written
) -> None:
    bundle = text(written.log.lines(OURS, numbers=[1, 2, 3]))
    assert verifiers.brief(bundle, written.given) == ("incomplete", "uncovered", None)


def test_a_damaged_gzip_is_tampered_with(verifiers: Verifiers, written: Written) -> None:
    bundle = bytearray(zipped(written.lines))
    bundle[-8] ^= 1
    assert verifiers.brief(bytes(bundle), written.given) == ("tampered", "compression", None)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"null", b"[]", b'"kind"', b"{}", b'{"kind":"other"}', b'{"kind":null}', b"\xff",
        END % b'199,"tombstones":NaN', END % b'1e2,"tombstones":1', END % b'199.0,"tombstones":1',
        END % b'-0,"tombstones":1', END % b'9999999999999999999999,"tombstones":1',
        END % b' 199,"tombstones":1', b'{"kind":"end","tombstones":1,"events":199}',
        END % b'199,"tombstones":1,"tombstones":1', b"[" * 100_000, END % b'true,"tombstones":1',
        b'{"kind":"event","seq":201,"body":"\\ud800","chain":"x"}', b'\xef\xbb\xbf{"kind":"end"}',
        END % b'199,"tombstones":1' + b"\r", b'{"kind":"__proto__"}', b'{"kind":"toString"}',
        b'{"__proto__":1,"kind":"end"}', END % b'199,"tombstones":1,"__proto__":{}',
    ],
)  # fmt: skip
def test_a_line_of_another_form_is_malformed(
    verifiers: Verifiers, written: Written, line: bytes
) -> None:
    bundle = text(written.lines[:-1]) + line + b"\n"
    assert verifiers.brief(bundle, written.given) == ("tampered", "malformed", None)


@pytest.mark.attack("AUD-12")
def test_large_and_odd_values_are_kept_as_they_are_and_endless_ones_refused(
    verifiers: Verifiers, written: Written
) -> None:
    odd = '{"a":"\\u0000\x7f\u2028\u2029\U0001f600' + "x" * (1 << 20) + '"}\n\r\t'
    written.log.record("ten_odd", odd)
    written.log.checkpoint()
    lines = written.log.lines("ten_odd", numbers=[5])
    written.log.checkpoints.pop()
    written.log.leaves.pop()
    assert verifiers.brief(text(lines), written.given) == ("verified", None)
    lines[-2]["body"] = "x" * (9 << 20)
    assert verifiers.brief(text(lines), written.given) == ("tampered", "malformed", 1)


@pytest.mark.attack("AUD-12")
def test_a_bomb_is_not_unpacked_to_its_end(verifiers: Verifiers, written: Written) -> None:
    bomb = zipped([{"kind": "bundle", "tenant": "x" * (64 << 20)}])
    assert len(bomb) < 1 << 20
    assert verifiers.brief(bomb, written.given) == ("tampered", "malformed", None)


def test_a_given_witness_has_to_have_signed_the_newest_checkpoint(verifiers: Verifiers) -> None:
    log, witness, other = Log(), Witness(), Witness("other.example.test")
    log.record(OURS, "{}")
    log.checkpoint(witness.line)
    bundle, keys = text(log.lines(OURS)), log.saved_keys()
    verdict = verifiers.verdict(bundle, Given(keys, witnesses=[witness]))
    assert (verdict["status"], verdict["witnesses"]) == ("verified", [witness.name])
    missing = verifiers.brief(bundle, Given(keys, witnesses=[witness, other]))
    assert missing == ("incomplete", "cosignature_missing", None)


def test_what_a_given_witness_did_not_sign_is_no_cosignature(verifiers: Verifiers) -> None:
    log, witness = Log(), Witness()
    log.record(OURS, "{}")
    log.checkpoint(lambda _text: witness.line("another text\n"))
    bundle, keys = text(log.lines(OURS)), log.saved_keys()
    assert verifiers.brief(bundle, Given(keys)) == ("verified", None)
    brief = verifiers.brief(bundle, Given(keys, witnesses=[witness]))
    assert brief == ("tampered", "cosignature", None)
