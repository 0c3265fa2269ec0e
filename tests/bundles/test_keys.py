"""AUD-10: keys rotate, and only known ones that were valid then count."""

from datetime import timedelta

import pytest

from tests.bundles.conftest import OURS
from tests.support.bundles.keys import LogKey
from tests.support.bundles.log import BEGUN, Log, text
from tests.support.bundles.verifying import Given, Verifiers, python

pytestmark = [pytest.mark.node, pytest.mark.any_database]


def _rotated() -> tuple[Log, LogKey, LogKey]:
    old = LogKey(BEGUN, until=BEGUN + timedelta(minutes=2, seconds=30))
    log = Log(old)
    for _ in range(4):
        log.record(OURS, "{}")
        log.checkpoint()
        if len(log.checkpoints) == 2:
            log.keys = [LogKey(BEGUN + timedelta(minutes=2, seconds=30), signer=old)]
            log.all_keys += log.keys
    return log, old, log.keys[0]


@pytest.mark.attack("AUD-10")
def test_keys_rotate_in_mid_stream(verifiers: Verifiers) -> None:
    log, old, new = _rotated()
    bundle = text(log.lines(OURS))
    assert verifiers.brief(bundle, Given(log.saved_keys())) == ("verified", None)
    log.all_keys = [old]
    assert verifiers.brief(bundle, Given(log.saved_keys())) == ("verified", None)
    log.all_keys = [new]
    assert verifiers.brief(bundle, Given(log.saved_keys())) == ("tampered", "key", None)


@pytest.mark.attack("AUD-10")
def test_a_second_signature_for_the_time_of_quantum_computers_is_checked_where_it_can_be(
    verifiers: Verifiers,
) -> None:
    plain = LogKey(BEGUN)
    log = Log(plain, LogKey(BEGUN, signer=plain, algorithm="ml-dsa-65"))
    log.record(OURS, "{}")
    log.checkpoint()
    lines, given = log.lines(OURS), Given(log.saved_keys())
    assert verifiers.brief(text(lines), given) == ("verified", None)
    assert verifiers.javascript.verify(text(lines), given)["unchecked"] == ["ml-dsa-65"]
    line = next(line for line in lines if line["kind"] == "checkpoint")
    line["note"] = line["note"][:-2000] + "A" + line["note"][-1999:]
    assert python(text(lines), given)["reasons"] == ["signature"]


@pytest.mark.attack("AUD-10")
def test_a_key_that_no_known_key_signed_is_unknown(verifiers: Verifiers) -> None:
    log, old, new = _rotated()
    log.all_keys = [old]
    saved = Given(log.saved_keys())
    stranger = LogKey(BEGUN, until=new.since + timedelta(minutes=5))
    for signer in (None, stranger):
        new.signer = signer
        log.all_keys = [old, new]
        assert verifiers.brief(text(log.lines(OURS)), saved) == ("tampered", "key", None)


@pytest.mark.attack("AUD-10")
def test_a_key_signs_only_while_it_is_valid(verifiers: Verifiers) -> None:
    late = LogKey(BEGUN, until=BEGUN + timedelta(minutes=1))
    early = LogKey(BEGUN + timedelta(minutes=2))
    for key in (late, early):
        log = Log(key)
        log.record(OURS, "{}")
        log.checkpoint()
        brief = verifiers.brief(text(log.lines(OURS)), Given(log.saved_keys()))
        assert brief == ("tampered", "signature", None)


@pytest.mark.attack("AUD-10")
def test_a_signature_under_the_logs_name_by_an_unknown_key_is_refused(verifiers: Verifiers) -> None:
    log = Log()
    log.record(OURS, "{}")
    log.checkpoint(LogKey(BEGUN).line)
    brief = verifiers.brief(text(log.lines(OURS)), Given(log.saved_keys()))
    assert brief == ("tampered", "signature", None)
