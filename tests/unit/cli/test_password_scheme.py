"""AUTHSERVER_PASSWORD_SCHEME, from the environment to the row."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

GLOBEX = ("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
ADA = ("users", "create", "--tenant", "globex", "--email", "ada@globex.example", "--name", "Ada")


def test_new_passwords_are_hashed_by_the_scheme_of_the_settings(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHSERVER_PASSWORD_SCHEME", "argon2id")
    assert run(*GLOBEX).exit_code == 0
    assert run(*ADA, "--password-stdin", stdin="Correct-Horse-7").exit_code == 0
    with closing(sqlite3.connect(data_dir / "authserver.db")) as database:
        ((stored,),) = database.execute("SELECT password_hash FROM users").fetchall()
    assert stored.startswith("hmac-argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("PASSWORD_SCHEME", "md5", "must be bcrypt or argon2id"),
        ("BCRYPT_ROUNDS", "11", "at least 12"),
        ("BCRYPT_ROUNDS", "17", "at most 16"),
    ],
)
def test_a_scheme_or_cost_that_cannot_be_used_is_refused_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(f"AUTHSERVER_{variable}", value)
    done = run(*GLOBEX)
    assert done.exit_code == 1
    assert words in done.stderr


def test_argon2id_without_the_extra_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authserver.wiring.signing_in.has_argon2", lambda: False)
    monkeypatch.setenv("AUTHSERVER_PASSWORD_SCHEME", "argon2id")
    done = run(*GLOBEX)
    assert done.exit_code == 1
    assert "pip install 'authserver[argon2]'" in done.stderr
