import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from authserver.tenants.limits.keeping import LEAST_EVENT_DAYS
from authserver.tenants.numbers import RULES

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

WHY = ("--reason", "Lost phone, known at the desk")
ADA = ("--tenant", "globex", "--email", "ada@globex.example")


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada")


@pytest.mark.parametrize("mfa", ["required", "optional"])
def test_a_second_factor_is_required_or_not(answer: Answer, run: Run, mfa: str) -> None:
    done = answer("tenants", "set", "globex", "--mfa", mfa)
    assert done == {
        "id": done["id"],
        "slug": "globex",
        "mfa": mfa,
        "password_preset": "classic",
        "tier": "standard",
        "trusted_devices": "off",
        "locale": "none",
        "website": "none",
        **dict.fromkeys(("accent", "currency", "date_format", "time_zone"), "none"),
        "email_domains": [],
        "session_idle": "default",
        "session_absolute": "default",
        "access_token_seconds": "default",
        "refresh_token_minutes": "default",
        **dict.fromkeys(RULES, "default"),
        "registration": "off",
        "client_registration": "closed",
        "client_secret_jwt": "off",
        "dpop_nonces": "off",
        "registration_domains": [],
        "registration_role": "customer_viewer",
        "links_by_email": False,
        "platform_connections": "all",
        "ends_federated_sessions": False,
        "erasure_days": 14,
        **dict.fromkeys(LEAST_EVENT_DAYS, "forever"),
    }
    assert mfa in run("tenants", "set", "globex", "--mfa", mfa).stdout, "again: nothing to do"


def test_rules_are_set_together(answer: Answer) -> None:
    done = answer("tenants", "set", "globex", "--mfa", "required", "--password-preset", "nist")
    assert (done["mfa"], done["password_preset"]) == ("required", "nist")
    done = answer("tenants", "set", "globex", "--password-preset", "classic")
    assert (done["mfa"], done["password_preset"]) == ("required", "classic")


def test_a_password_beside_a_factor_may_be_shorter(answer: Answer, run: Run) -> None:
    who = ("--tenant", "globex", "--email", "bob@globex.example", "--name", "Bob")
    create = ("users", "create", *who, "--password-stdin")
    answer("tenants", "set", "globex", "--password-preset", "nist")
    assert "at least 15" in run(*create, stdin="blue lantern").stderr
    answer("tenants", "set", "globex", "--mfa", "required")
    assert run(*create, stdin="blue lantern").exit_code == 0


def test_a_rule_that_there_is_not_is_refused(run: Run) -> None:
    assert run("tenants", "set", "globex", "--mfa", "perhaps").exit_code == 2
    assert run("tenants", "set", "globex").exit_code == 2
    assert run("tenants", "set", "nobody", "--mfa", "required").exit_code == 1


def test_factors_are_reset_of_somebody_who_is_there(answer: Answer, run: Run) -> None:
    done = answer("users", "reset-factors", *ADA, *WHY)
    assert (done["email"], done["authenticators"]) == ("ada@globex.example", 0)
    someone = ("--tenant", "globex", "--email", "x@globex.example")
    nobody = run("users", "reset-factors", *someone, *WHY)
    assert nobody.exit_code == 1
    assert "no account" in nobody.stderr


@pytest.mark.parametrize(
    ("reason", "code"), [((), 2), (("--reason", " "), 1), (("--reason", "x" * 201), 1)]
)
def test_factors_are_not_reset_without_a_reason(
    run: Run, reason: tuple[str, ...], code: int
) -> None:
    refused = run("users", "reset-factors", *ADA, *reason)
    assert refused.exit_code == code
    assert "reason" in refused.stderr


def test_the_reason_stands_in_the_trail_for_nobody_to_read(answer: Answer, data_dir: Path) -> None:
    answer("users", "reset-factors", *ADA, *WHY)
    with sqlite3.connect(data_dir / "authserver.db") as database:
        (event,) = database.execute("SELECT * FROM audit_events WHERE type = 'factors.reset'")
    assert WHY[1] not in str(event)
    assert WHY[1].encode() not in (data_dir / "authserver.db").read_bytes()
