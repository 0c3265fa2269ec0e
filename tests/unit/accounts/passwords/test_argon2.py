"""Argon2id as the scheme, and hashes of one algorithm where the other is today's."""

from collections.abc import Callable

import bcrypt
import pytest
from argon2 import PasswordHasher as Argon2
from argon2 import Type, low_level

from authserver.accounts.passwords import schemes
from authserver.accounts.passwords.hasher import PasswordHasher, Verification
from authserver.accounts.passwords.schemes import OWASP, Argon2id
from authserver.accounts.passwords.stored import COLUMN, Argon2Cost, check_import

SMALL = Argon2Cost(memory=64, passes=2, lanes=1)
WRONG = Verification(ok=False)
REHASH = Verification(ok=True, needs_rehash=True)


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(b"pepper", Argon2id(SMALL))


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the work of every Argon2 hash that is computed: KiB over all passes."""
    computed: list[int] = []
    make, verify = low_level.hash_secret, low_level.verify_secret

    def counted_make(*args: object, **more: int) -> bytes:
        computed.append(more["memory_cost"] * more["time_cost"])
        return make(*args, **more)  # type: ignore[arg-type]

    def counted_verify(stored: bytes, *args: object) -> bool:
        memory, passes = stored.split(b"$")[3].split(b",")[:2]
        computed.append(int(memory[2:]) * int(passes[2:]))
        return verify(stored, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(low_level, "hash_secret", counted_make)
    monkeypatch.setattr(low_level, "verify_secret", counted_verify)
    return computed


def foreign(kind: Type = Type.ID, memory: int = 16, passes: int = 1) -> str:
    made = Argon2(time_cost=passes, memory_cost=memory, parallelism=1, type=kind)
    return check_import(made.hash("Old-Password-1"))


def test_the_scheme_has_the_numbers_of_owasp_and_its_hashes_fit_the_column() -> None:
    made = PasswordHasher(b"pepper", Argon2id()).hash("Correct-Horse-7")
    assert made.startswith("hmac-argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert Argon2Cost(19456, 2, 1) == OWASP
    assert len(made) <= COLUMN


@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("Correct-Horse-7", "correct-horse-7"),
        ("x" * 100 + "A", "x" * 100 + "B"),
        ("before\0after", "before"),
        ("\U0001f40e" * 64, "\U0001f40e" * 63),
    ],
)
def test_the_right_password_verifies_and_another_does_not(
    hasher: PasswordHasher, password: str, other: str
) -> None:
    stored = hasher.hash(password)
    assert hasher.verify(password, stored) == Verification(ok=True)
    assert hasher.verify(other, stored) == WRONG
    assert PasswordHasher(b"other", Argon2id(SMALL)).verify(password, stored) == WRONG


@pytest.mark.parametrize("kind", [Type.ID, Type.I])
@pytest.mark.parametrize("todays", [4, Argon2id(SMALL)], ids=["bcrypt", "argon2id"])
def test_an_imported_argon2_hash_verifies_and_asks_to_be_made_anew(
    todays: int | Argon2id, kind: Type
) -> None:
    hasher = PasswordHasher(b"pepper", todays)
    assert hasher.verify("Old-Password-1", foreign(kind)) == REHASH
    assert hasher.verify("Old-Password-2", foreign(kind)) == WRONG


def test_a_hash_of_the_other_scheme_or_another_cost_asks_to_be_made_anew(
    hasher: PasswordHasher,
) -> None:
    for before in (PasswordHasher(b"pepper", 4), PasswordHasher(b"pepper", Argon2id())):
        stored = before.hash("Correct-Horse-7")
        assert hasher.verify("Correct-Horse-7", stored) == REHASH
        assert before.verify("Correct-Horse-7", hasher.hash("Correct-Horse-7")) == REHASH


@pytest.mark.attack("ATK-095")
@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=1,t=1,p=1$$", "ours"])
@pytest.mark.parametrize("password", ["", "wrong", "x" * 1_000_000, "\ud800"])
def test_every_refusal_costs_exactly_one_hash_of_todays_cost(
    work: list[int], hasher: PasswordHasher, stored: str | None, password: str
) -> None:
    stored = hasher.hash("Correct-Horse-7") if stored == "ours" else stored
    work.clear()
    assert hasher.verify(password, stored) == WRONG
    assert work == [SMALL.work]


@pytest.mark.attack("ATK-095")
def test_an_imported_hash_of_lower_cost_is_topped_up_to_the_same_work(
    work: list[int], hasher: PasswordHasher
) -> None:
    stored = foreign(memory=16, passes=1)
    work.clear()
    hasher.verify("wrong", stored)
    assert sum(work) == SMALL.work


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], list[int]]:
    """Verify an Argon2 hash where bcrypt is today's; both take the seconds given."""

    def verified(took: float, usual: float) -> list[int]:
        times = iter((0.0, took, 100.0, 100.0 + usual))
        hasher = PasswordHasher(b"pepper", 8, timer=lambda: next(times))
        spent: list[int] = []
        monkeypatch.setattr(schemes.bcrypt, "hashpw", lambda _, salt: spent.append(int(salt[4:6])))
        hasher.verify("wrong", foreign())
        return spent

    return verified


@pytest.mark.attack("ATK-095")
@pytest.mark.parametrize(
    ("took", "usual", "spent"),
    [(0.0, 1.0, [7, 6, 5, 4]), (0.25, 1.0, [7, 6]), (0.5, 1.0, [7]), (1.0, 1.0, []), (3, 1, [])],
)
def test_a_hash_of_the_other_algorithm_is_topped_up_by_the_time_it_took(
    clocked: Callable[[float, float], list[int]], took: float, usual: float, spent: list[int]
) -> None:
    assert clocked(took, usual) == spent


@pytest.mark.attack("ATK-095")
def test_what_a_hash_usually_takes_is_learnt_from_the_quickest_one() -> None:
    times = iter((0.0, 4.0, 10.0, 11.0, 20.0, 22.0, 30.0, 30.5))
    hasher = PasswordHasher(b"pepper", 8, timer=lambda: next(times))
    for _ in range(3):
        hasher.verify("wrong", None)
    spent: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemes.bcrypt, "hashpw", lambda _, salt: spent.append(int(salt[4:6])))
        hasher.verify("wrong", foreign())
    assert spent == [7]


def test_an_argon2_hash_without_the_extra_costs_what_no_account_costs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("authserver.accounts.passwords.stored.find_spec", lambda _: None)
    seen: list[bytes] = []
    check = bcrypt.checkpw
    monkeypatch.setattr(schemes.bcrypt, "checkpw", lambda *a: (seen.append(a[1]), check(*a))[1])
    assert PasswordHasher(b"pepper", 4).verify("Old-Password-1", foreign_without_check()) == WRONG
    assert len(seen) == 1


def foreign_without_check() -> str:
    return Argon2(time_cost=1, memory_cost=16, parallelism=1).hash("Old-Password-1")
