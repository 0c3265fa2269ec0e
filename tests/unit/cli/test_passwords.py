"""Passwords that an operator sets, or wants changed, and what is deleted."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

ADA = ("--tenant", "globex", "--email", "ada@globex.example")
PASSWORD = "Amber-Kettle-8"


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada")


@pytest.mark.parametrize("more", [(), ("--temporary",)], ids=["to stay", "temporary"])
def test_a_password_is_set(answer: Answer, run: Run, more: tuple[str, ...]) -> None:
    done = answer("users", "set-password", *ADA, *more, stdin=f"{PASSWORD}\n")
    assert (done["tenant"], done["email"]) == ("globex", "ada@globex.example")
    assert (done["temporary"], done["expires_at"] is not None) == (bool(more), bool(more))
    assert PASSWORD not in run("users", "set-password", *ADA, stdin=PASSWORD).stdout
    mails = run("mail", "list")
    assert mails.stdout.count("password_changed") == 2


@pytest.mark.parametrize(
    ("typed", "said"), [("short", "at least 8"), ("", "at least 8"), ("Ada-Globex-1", "mostly")]
)
def test_a_password_that_the_tenant_refuses_is_not_set(run: Run, typed: str, said: str) -> None:
    refused = run("users", "set-password", *ADA, stdin=typed)
    assert refused.exit_code == 1
    assert said in refused.stderr


def test_a_change_is_required_of_who_has_a_password(answer: Answer, run: Run) -> None:
    refused = run("users", "require-password-change", *ADA)
    assert refused.exit_code == 1
    assert "no password" in refused.stderr
    answer("users", "set-password", *ADA, stdin=PASSWORD)
    done = answer("users", "require-password-change", *ADA)
    assert done == {
        "tenant": "globex",
        "email": "ada@globex.example",
        "password_change_required": True,
    }


@pytest.mark.parametrize("command", ["require-password-change", "set-password"])
def test_nobody_is_not_found(run: Run, command: str) -> None:
    nobody = ("--tenant", "globex", "--email", "x@globex.example")
    refused = run("users", command, *nobody, stdin=PASSWORD)
    assert refused.exit_code == 1
    assert "no account" in refused.stderr


def test_what_is_over_is_counted_and_deleted(answer: Answer) -> None:
    for more in (("--dry-run",), ()):
        done = answer("db", "prune", *more)
        assert done["dry_run"] is bool(more)
        assert set(done["rows"].values()) == {0}
        assert {"mailed links", "sessions", "mails"} <= set(done["rows"])
