"""`authserver users create --guest-of`: somebody of another tenant."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

GUEST = ("users", "create", "--tenant", "globex", "--guest-of", "acme/ada@acme.example")


@pytest.fixture(autouse=True)
def people(answer: Answer) -> None:
    for slug in ("acme", "globex"):
        answer("tenants", "create", slug, "--name", slug.title(), "--type", "customer")
    ada = ("--tenant", "acme", "--email", "ada@acme.example", "--name", "Ada", "--verified")
    answer("users", "create", *ada)


def test_a_guest_has_the_address_and_name_of_the_account_at_home(answer: Answer, run: Run) -> None:
    made = answer(*GUEST, "--role", "customer_viewer")
    assert made["email"] == "ada@acme.example"
    assert made["roles"] == ["customer_viewer"]
    assert made["home"] == "acme/ada@acme.example"
    assert "There is an account" in run(*GUEST).stderr


def test_nobody_is_twice_a_guest_in_one_tenant(answer: Answer, run: Run) -> None:
    answer(*GUEST, "--email", "ada@globex.example")
    again = run(*GUEST)
    assert (again.exit_code, "guest account there already" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--tenant", "acme", "--guest-of", "acme/ada@acme.example"), "own tenant"),
        (("--tenant", "globex", "--guest-of", "acme/bob@acme.example"), "no account"),
        (("--tenant", "globex", "--guest-of", "nobody/ada@acme.example"), "nobody"),
        (("--tenant", "globex", "--guest-of", "ada@acme.example"), "no tenant"),
        (("--tenant", "globex"), "--guest-of"),
        (("--tenant", "globex", "--email", "x@y.example"), "--name"),
    ],
)
def test_who_cannot_be_a_guest_is_told_why(run: Run, asked: tuple[str, ...], said: str) -> None:
    done = run("users", "create", *asked)
    assert done.exit_code != 0
    assert said in done.stderr + done.output


@pytest.mark.parametrize("more", ["--password-stdin", "--password-hash-stdin", "--verified"])
def test_a_guest_gets_no_password(run: Run, more: str) -> None:
    assert run(*GUEST, more).exit_code == 2


def test_a_guest_is_no_home(answer: Answer, run: Run) -> None:
    answer(*GUEST)
    answer("tenants", "create", "initech", "--name", "Initech", "--type", "partner")
    done = run("users", "create", "--tenant", "initech", "--guest-of", "globex/ada@acme.example")
    assert "cannot be the home" in done.stderr
