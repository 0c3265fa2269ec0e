"""Identifiers say what they name, sort by creation, and secrets are unknown to other uses."""

import time
from base64 import urlsafe_b64decode

from hypothesis import given
from hypothesis import strategies as st

from authserver.core.ids import fingerprint, is_id, new_id, new_secret

PREFIXES = ("usr", "ten", "cli", "ses", "fam", "evt")


def test_an_id_is_one_of_its_own_kind_only() -> None:
    for prefix in PREFIXES:
        made = new_id(prefix)
        assert [other for other in PREFIXES if is_id(made, other)] == [prefix]
        assert len(made) <= 40


def test_ids_sort_by_the_time_they_were_made() -> None:
    """Also within a millisecond, in which a test or a script makes many."""
    made = []
    for _ in range(1000):
        made.append(new_id("usr"))
        until = time.time_ns() + 1000
        while time.time_ns() < until:
            pass
    assert made == sorted(made)


def test_ids_never_come_twice() -> None:
    assert len({new_id("usr") for _ in range(20_000)}) == 20_000


def test_an_id_holds_a_version_seven_uuid() -> None:
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    for _ in range(100):
        value = 0
        for character in new_id("usr").partition("_")[2]:
            value = value << 5 | alphabet.index(character)
        assert value >> 76 & 0xF == 7
        assert value >> 62 & 0b11 == 0b10
        assert value < 1 << 128
        assert abs((value >> 80) - time.time() * 1000) < 60_000


@given(st.text())
def test_nothing_else_has_the_form_of_an_id(text: str) -> None:
    assert not is_id(text, "usr") or (text.startswith("usr_") and len(text) == 30)


def test_what_only_resembles_an_id_is_none() -> None:
    good = new_id("usr")
    for bad in (good.upper(), good + "0", good[:-1], f" {good}", good.replace("_", "-"), "usr_"):
        assert not is_id(bad, "usr")
    assert not is_id("usr_" + "i" * 26, "usr")


def test_a_secret_has_256_bits_and_the_alphabet_of_urls() -> None:
    secrets = {new_secret() for _ in range(1000)}
    assert len(secrets) == 1000
    for secret in secrets:
        assert len(secret) == 43
        assert secret.replace("-", "").replace("_", "").isalnum()


def test_a_hundred_thousand_secrets_have_nothing_in_common() -> None:
    """Sessions, codes and refresh tokens are such (ASVS 7.2.3): none begins or ends as others."""
    count, quarter = 100_000, 11  # a quarter of a secret has 66 bits
    made = [new_secret() for _ in range(count)]
    assert len(set(made)) == count
    for part in (slice(quarter), slice(16, 16 + quarter), slice(-quarter, None)):
        assert len({secret[part] for secret in made}) == count
    raw = b"".join(urlsafe_b64decode(f"{secret}=") for secret in made)
    assert len(raw) == 32 * count
    for place in range(32):  # every bit of every byte is set about as often as not
        ones = sum(byte.bit_count() for byte in raw[place::32])
        assert abs(ones - 4 * count) < 4000  # nine standard deviations


@given(st.text(max_size=50), st.text(max_size=50), st.sampled_from(["code", "refresh", "flow"]))
def test_a_secret_of_one_use_is_unknown_to_every_other(left: str, right: str, purpose: str) -> None:
    assert len(fingerprint(left, purpose)) == 32
    assert fingerprint(left, purpose) != fingerprint(left, purpose + "x")
    assert (fingerprint(left, purpose) == fingerprint(right, purpose)) == (left == right)
