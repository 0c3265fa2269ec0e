"""Roles by command: a tenant's own ones, given for good or for a while."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

GLOBEX = ("--tenant", "globex")
ADA = (*GLOBEX, "--email", "ada@globex.example")
NIGHT = ("night-shift", *GLOBEX)


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada")
    answer("roles", "create", *NIGHT, "--description", "At night.", "--permission", "users:read")


def test_a_role_is_made_changed_given_taken_and_deleted(answer: Answer, run: Run) -> None:
    name = "globex/night-shift"
    assert answer("roles", "set", *NIGHT, "--nothing")["permissions"] == []
    changed = answer("roles", "set", *NIGHT, "--permission", "users:unlock")
    assert (changed["name"], changed["permissions"]) == (name, ["users:unlock"])
    given = answer("roles", "give", *NIGHT, "--email", "ada@globex.example")
    assert given["roles"] == [{"role": name, "until": None}]
    until = ("--until", "2099-01-01T00:00:00+01:00")
    ends = answer("roles", "give", "sales_rep", *ADA, *until)["roles"]
    assert ends == [
        {"role": "SALES_REP", "until": "2098-12-31T23:00:00+00:00"},
        {"role": name, "until": None},
    ]
    taken = answer("roles", "take", "SALES_REP", *ADA)
    assert taken["roles"] == [{"role": name, "until": None}]
    assert answer("users", "set-roles", *ADA, "--role", name)["roles"] == [name]
    assert answer("roles", "delete", *NIGHT)["people"] == 1
    assert run("roles", "delete", *NIGHT).exit_code == 1
    assert name not in run("roles", "list", *GLOBEX).stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("create", "adm1n", *GLOBEX, "--description", "x"), 1),
        (("create", "owner", *GLOBEX, "--description", "x", "--permission", "keys:rotate"), 1),
        (("create", "owner", *GLOBEX, "--description", "x", "--permission", "all"), 2),
        (("create", "night.shift", *GLOBEX, "--description", "x"), 1),
        (("set", *NIGHT, "--nothing", "--permission", "users:read"), 2),
        (("set", "admin", *GLOBEX, "--nothing"), 1),
        (("give", "night-shift", *ADA, "--until", "tomorrow"), 2),
        (("give", "night-shift", *ADA, "--until", "2099-01-01"), 2),
        (("give", "night-shift", *ADA, "--until", "2020-01-01T00:00:00Z"), 1),
    ],
)
def test_what_cannot_be_is_refused(run: Run, arguments: tuple[str, ...], code: int) -> None:
    done = run("roles", *arguments)
    assert done.exit_code == code, done.output
