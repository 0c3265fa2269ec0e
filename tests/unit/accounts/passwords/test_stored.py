import bcrypt
import pytest
from argon2 import PasswordHasher as Argon2

from authserver.accounts.passwords.stored import UnfitHash, check_import, parse

DIGEST = "a" * 53
SALT, TAG = "c29tZXNhbHQ", "A" * 43


def argon2(kind: str = "argon2id", version: int = 19, costs: str = "m=19456,t=2,p=1") -> str:
    return f"${kind}$v={version}${costs}${SALT}${TAG}"


@pytest.mark.parametrize(
    "text",
    [
        "$2b$04$" + DIGEST,
        "$2a$12$" + DIGEST,
        "$2y$14$" + DIGEST,
        argon2(),
        argon2(version=16),
        argon2(kind="argon2i", costs="m=8,t=1,p=1"),
        argon2(costs="m=65536,t=3,p=4"),
    ],
)
def test_a_hash_of_a_usual_form_and_cost_is_taken_as_it_is(text: str) -> None:
    assert check_import(text) == text


def test_what_the_libraries_make_is_taken() -> None:
    for made in (bcrypt.hashpw(b"x", bcrypt.gensalt(4)).decode(), Argon2().hash("x")):
        assert check_import(made) == made


@pytest.mark.attack("ATK-146")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$2b$15$" + DIGEST, "cost of 15, at most 14"),
        ("$2b$31$" + DIGEST, "neither"),
        (argon2(costs="m=65537,t=1,p=1"), "64 MiB"),
        (argon2(costs="m=65536,t=5,p=1"), "256 MiB"),
        (argon2(costs="m=1024,t=999,p=1"), "256 MiB"),
        (argon2(costs="m=1024,t=1,p=99"), "16 lanes"),
        (argon2(costs="m=8,t=1,p=2"), "neither"),
        (argon2(costs="m=1024,t=0,p=1"), "neither"),
    ],
)
def test_a_hash_that_would_keep_the_server_busy_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnfitHash, match=words):
        check_import(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Correct-Horse-7",
        "$2b$12$short",
        "$2x$12$" + DIGEST,
        "$2b$03$" + DIGEST,
        "$2b$12$" + DIGEST + "\n",
        "$2b$12$" + "é" * 53,
        "$1$salt$digest",
        argon2(kind="argon2d"),
        argon2(version=20),
        argon2() + "\0",
        argon2(costs="m=1024,t=1,p=1,data=x"),
        "$argon2id$v=19$m=1024,t=1,p=1$" + "A" * 80 + "$" + "A" * 80,
        # Our own forms depend on the pepper: they come from nowhere else.
        "hmac-bcrypt$2b$12$" + DIGEST,
        "hmac-argon2" + argon2(),
    ],
)
def test_what_is_no_hash_of_another_system_is_refused(text: str) -> None:
    with pytest.raises(UnfitHash, match="neither"):
        check_import(text)


def test_an_import_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authserver.accounts.passwords.stored.find_spec", lambda _: None)
    with pytest.raises(UnfitHash, match=r"pip install 'authserver\[argon2\]'"):
        check_import(argon2())


def test_a_prefix_of_one_algorithm_does_not_stand_before_another() -> None:
    assert parse("hmac-bcrypt" + argon2()) is None
    assert parse("hmac-argon2$2b$12$" + DIGEST) is None
    assert parse("hmac-argon2" + argon2()) is not None
