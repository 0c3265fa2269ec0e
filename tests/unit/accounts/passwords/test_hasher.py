from unicodedata import normalize

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver.accounts.passwords import schemes
from authserver.accounts.passwords.hasher import PasswordHasher, Verification

WRONG = Verification(ok=False)


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(b"pepper", 4)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the logarithm of the work of every hash that is computed."""
    computed: list[int] = []
    hashpw, checkpw = bcrypt.hashpw, bcrypt.checkpw

    def counted_hash(password: bytes, salt: bytes) -> bytes:
        computed.append(int(salt[4:6]))
        return hashpw(password, salt)

    def counted_check(password: bytes, stored: bytes) -> bool:
        computed.append(int(stored[4:6]))
        return checkpw(password, stored)

    monkeypatch.setattr(schemes.bcrypt, "hashpw", counted_hash)
    monkeypatch.setattr(schemes.bcrypt, "checkpw", counted_check)
    return computed


def imported(password: bytes, rounds: int = 4, form: str = "$2b$") -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(rounds)).decode().replace("$2b$", form)


def test_the_right_password_verifies_and_another_does_not(hasher: PasswordHasher) -> None:
    stored = hasher.hash("Correct-Horse-7")
    assert stored.startswith("hmac-bcrypt$2b$04$")
    assert hasher.verify("Correct-Horse-7", stored) == Verification(ok=True)
    assert hasher.verify("correct-horse-7", stored) == WRONG


def test_two_hashes_of_one_password_differ_and_fit_the_column(hasher: PasswordHasher) -> None:
    first, second = hasher.hash("same"), hasher.hash("same")
    assert first != second
    assert len(first) <= 128


def test_nothing_is_cut_at_72_bytes(hasher: PasswordHasher) -> None:
    stored = hasher.hash("x" * 100 + "A")
    assert hasher.verify("x" * 100 + "A", stored).ok
    assert not hasher.verify("x" * 100 + "B", stored).ok


@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("before\0after", "before\0other"),
        ("before\0after", "before"),
        ("\0", ""),
        ("\U0001f40e" * 64, "\U0001f40e" * 63),
        ("\U0001f40e" * 64 + "a", "\U0001f40e" * 64 + "b"),
        ("\U00010400-Deseret", "\U00010401-Deseret"),
        ("Stra\u00dfe-1234", "Strasse-1234"),
        (" Correct-Horse-7", "Correct-Horse-7"),
        ("Correct-Horse-7 ", "Correct-Horse-7"),
        ("\uff21-fullwidth-7", "A-fullwidth-7"),
    ],
)
def test_every_character_counts(hasher: PasswordHasher, password: str, other: str) -> None:
    stored = hasher.hash(password)
    assert hasher.verify(password, stored).ok
    assert hasher.verify(other, stored) == WRONG


@given(st.text(max_size=200), st.text(max_size=200))
@settings(deadline=None, max_examples=40)
def test_two_passwords_open_one_account_only_if_they_are_the_same_text(
    password: str, other: str
) -> None:
    hasher = PasswordHasher(b"pepper", 4)
    same = normalize("NFC", password) == normalize("NFC", other)
    assert hasher.verify(other, hasher.hash(password)).ok == same


def test_a_password_typed_composed_or_decomposed_is_the_same(hasher: PasswordHasher) -> None:
    assert hasher.verify("Cafe\u0301-1234", hasher.hash("Caf\u00e9-1234")).ok


def test_another_pepper_verifies_nothing(hasher: PasswordHasher) -> None:
    stored = hasher.hash("Correct-Horse-7")
    assert not PasswordHasher(b"other", 4).verify("Correct-Horse-7", stored).ok


@pytest.mark.parametrize("form", ["$2a$", "$2b$", "$2y$"])
def test_an_imported_hash_verifies_once_and_asks_to_be_made_anew(
    hasher: PasswordHasher, form: str
) -> None:
    stored = imported(b"Old-Password-1", form=form)
    assert hasher.verify("Old-Password-1", stored) == Verification(ok=True, needs_rehash=True)
    assert hasher.verify("Old-Password-2", stored) == WRONG


def test_an_imported_hash_of_a_long_password_verifies_as_it_was_made(
    hasher: PasswordHasher,
) -> None:
    stored = imported(b"x" * 72)
    assert hasher.verify("x" * 100, stored).ok
    assert not hasher.verify("y" * 100, stored).ok
    assert hasher.verify("ü" * 50, imported("ü".encode() * 36)).ok


def test_a_hash_of_another_cost_asks_to_be_made_anew(hasher: PasswordHasher) -> None:
    stored = PasswordHasher(b"pepper", 5).hash("Correct-Horse-7")
    assert hasher.verify("Correct-Horse-7", stored) == Verification(ok=True, needs_rehash=True)


def test_no_account_verifies_nothing(hasher: PasswordHasher) -> None:
    for password in ("", "Correct-Horse-7", "x" * 5000):
        assert hasher.verify(password, None) == WRONG


@pytest.mark.attack("ATK-095")
@pytest.mark.attack("ATK-146")
@pytest.mark.parametrize(
    "password", ["", "wrong", "x" * 4096, "x" * 4097, "x" * 1_000_000, "\ud800", "a\0b"]
)
@pytest.mark.parametrize(
    "stored",
    [
        None,
        "",
        "ours",
        "imported",
        "hmac-bcrypt$2b$04$short",
        "$2b$31$" + "a" * 53,
        "$argon2id$v=19$m=99999999,t=9,p=1$c29tZXNhbHQ$" + "A" * 43,
        "hmac-argon2$2b$04$" + "/" * 53,
        "not a hash",
        "$2b$04$" + "/" * 53,
    ],
)
def test_every_refusal_costs_exactly_one_hash_of_todays_cost(
    work: list[int], password: str, stored: str | None
) -> None:
    hasher = PasswordHasher(b"pepper", 4)
    made = {"ours": hasher.hash("Correct-Horse-7"), "imported": imported(b"Correct-Horse-7")}
    work.clear()
    assert hasher.verify(password, made.get(stored or "", stored)) == WRONG
    assert work == [4]


@pytest.mark.attack("ATK-095")
def test_an_imported_hash_of_lower_cost_is_topped_up_to_the_same_work(work: list[int]) -> None:
    hasher = PasswordHasher(b"pepper", 7)
    stored = imported(b"Correct-Horse-7", 4)
    work.clear()
    hasher.verify("wrong", stored)
    assert sum(2**cost for cost in work) == 2**7


def test_a_password_over_4096_characters_is_never_hashed(hasher: PasswordHasher) -> None:
    with pytest.raises(ValueError, match="4096"):
        hasher.hash("x" * 4097)
    stored = hasher.hash("x" * 4096)
    assert hasher.verify("x" * 4096, stored).ok
    assert not hasher.verify("x" * 4097, stored).ok
