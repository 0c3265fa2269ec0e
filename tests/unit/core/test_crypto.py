"""What is encrypted opens only with its key, in its place, unchanged."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.core.crypto import (
    DecryptionError,
    Keyring,
    MasterKeyError,
    Place,
    create_master_key,
    derive,
    pack,
    same,
    seal,
    unseal,
)

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = Place("users", "secret", "usr_1")


@given(st.binary(max_size=500), st.text(), st.text(), st.text())
def test_what_is_encrypted_for_a_place_comes_back_there(
    plain: bytes, table: str, column: str, row: str
) -> None:
    place = Place(table, column, row)
    assert Keyring([NEW]).decrypt(Keyring([NEW]).encrypt(plain, place), place) == plain


@pytest.mark.parametrize(
    "place",
    [
        Place("user", "ssecret", "usr_1"),
        Place("users", "secret", "usr_2"),
        Place("users", "other", "usr_1"),
        Place("tenants", "secret", "usr_1"),
        Place("userss", "ecret", "usr_1"),
    ],
)
def test_a_ciphertext_copied_to_another_place_does_not_open(place: Place) -> None:
    stored = Keyring([NEW]).encrypt(b"secret", PLACE)
    with pytest.raises(DecryptionError):
        Keyring([NEW]).decrypt(stored, place)


def test_every_changed_bit_is_noticed() -> None:
    ring = Keyring([NEW])
    stored = ring.encrypt(b"secret", PLACE)
    for number in range(len(stored) * 8):
        changed = bytearray(stored)
        changed[number // 8] ^= 1 << number % 8
        with pytest.raises(DecryptionError):
            ring.decrypt(bytes(changed), PLACE)


def test_every_shortened_ciphertext_is_refused() -> None:
    ring = Keyring([NEW])
    stored = ring.encrypt(b"", PLACE)
    for length in range(len(stored)):
        with pytest.raises(DecryptionError):
            ring.decrypt(stored[:length], PLACE)


def test_the_first_key_encrypts_and_every_key_decrypts() -> None:
    before = Keyring([OLD]).encrypt(b"secret", PLACE)
    ring = Keyring([NEW, OLD])
    assert ring.decrypt(before, PLACE) == b"secret"
    with pytest.raises(DecryptionError):
        Keyring([OLD]).decrypt(ring.encrypt(b"secret", PLACE), PLACE)


def test_the_same_text_never_gives_the_same_ciphertext() -> None:
    assert len({Keyring([NEW]).encrypt(b"same", PLACE) for _ in range(100)}) == 100


@given(st.lists(st.text()), st.lists(st.text()))
@pytest.mark.attack("ATK-124")
def test_different_lists_never_pack_to_the_same_bytes(left: list[str], right: list[str]) -> None:
    assert (pack(*left) == pack(*right)) == (left == right)


def test_derived_keys_differ_by_purpose_and_by_key() -> None:
    purposes = [("a",), ("b",), ("a", "b"), ("ab",), ("a", "")]
    assert len({derive(NEW, *purpose) for purpose in purposes}) == len(purposes)
    assert derive(NEW, "a") != derive(OLD, "a")
    assert Keyring([NEW, OLD]).derive("a") == (derive(NEW, "a"), derive(OLD, "a"))
    assert len(derive(NEW, "a")) == 32


@given(st.binary(max_size=100), st.binary(max_size=30))
def test_sealed_text_opens_in_its_context_only(plain: bytes, context: bytes) -> None:
    sealed = seal(NEW, plain, context)
    assert unseal(NEW, sealed, context) == plain
    for key, other in ((OLD, context), (NEW, context + b"x")):
        with pytest.raises(DecryptionError):
            unseal(key, sealed, other)


def test_a_key_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    create_master_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    with pytest.raises(FileExistsError):
        create_master_key(path)
    assert path.read_text() == text
    assert Keyring.load(path).derive("x") == Keyring.parse(text).derive("x")


@pytest.mark.attack("ATK-100")
@pytest.mark.parametrize(
    "text",
    ["", " ", "none", "AAAA", "*" * 44, base64.b64encode(b"k" * 31).decode(), "é" * 44]
    + [base64.b64encode(b"k" * size).decode() for size in (0, 16, 33, 64)],
)
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(MasterKeyError):
        Keyring.parse(text)


def test_a_key_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match=r"nothing\.key"):
        Keyring.load(tmp_path / "nothing.key")
    binary = tmp_path / "binary.key"
    binary.write_bytes(b"\xff" * 32)
    with pytest.raises(MasterKeyError):
        Keyring.load(binary)


def test_same_compares_values() -> None:
    assert same(b"a", b"a")
    assert not same(b"a", b"b")
    assert not same(b"a", b"ab")
