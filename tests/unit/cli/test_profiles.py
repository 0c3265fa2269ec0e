"""`authserver users set`: what operators know of people."""

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

ADA = ("--tenant", "globex", "--email", "ada@globex.example")


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada")


def test_what_is_named_changes_and_the_rest_stays(answer: Answer, run: Run) -> None:
    number = ("--phone-number", "+49 30 123456", "--phone-verified")
    done = answer("users", "set", *ADA, "--given-name", "Ada", *number, "--zoneinfo", "UTC")
    assert done == {"tenant": "globex", "email": "ada@globex.example", "changed": True}
    assert answer("users", "set", *ADA, "--given-name", "Ada")["changed"] is False
    assert answer("users", "set", *ADA, *number)["changed"] is False
    assert answer("users", "set", *ADA, "--zoneinfo", "UTC")["changed"] is False
    assert answer("users", "set", *ADA, "--phone-not-verified")["changed"] is True
    assert answer("users", "set", *ADA, "--phone-number", "")["changed"] is True
    assert "has this profile already" in run("users", "set", *ADA, "--phone-number", "").stdout


@pytest.mark.parametrize(
    ("option", "value"),
    [("--phone-number", "030 123"), ("--website", "javascript:x"), ("--locale", "tlh")],
)
def test_what_is_unfit_is_refused_by_its_name(run: Run, option: str, value: str) -> None:
    refused = run("users", "set", *ADA, option, value)
    assert refused.exit_code == 1
    assert option.removeprefix("--").replace("-", "_") in refused.stderr


def test_who_is_not_there_is_not_found(run: Run) -> None:
    refused = run("users", "set", "--tenant", "globex", "--email", "x@globex.example")
    assert refused.exit_code == 1
    assert "There is no account" in refused.stderr
