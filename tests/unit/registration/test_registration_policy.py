"""Who may register, as what, and when a link is good: values in, decision out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authserver.core.net.email import parse_email
from authserver.links.policy import Mails
from authserver.registration.policy import (
    Openness,
    Outcome,
    Present,
    Terms,
    is_good,
    may_register,
    outcome,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TERMS = Terms("https://id.example", NOW + timedelta(minutes=30), used=False)
PRESENT = Present("https://id.example", NOW, allowed=True, taken=False)
OPEN = Openness(open=True, suspended=False, tenant_type="customer", domains=(), role=None)


@pytest.mark.parametrize(
    ("change", "roles"),
    [
        ({}, ["customer_viewer"]),
        ({"role": ""}, []),
        ({"role": "FINANCE_ANALYST"}, ["FINANCE_ANALYST"]),
        ({"role": "admin"}, []),
        ({"role": "no_such_role"}, []),
        ({"tenant_type": "partner"}, []),
        ({"tenant_type": "internal", "role": "PLATFORM_ADMIN"}, []),
    ],
    ids=str,
)
def test_what_whoever_registers_becomes(change: dict[str, object], roles: list[str]) -> None:
    assert replace(OPEN, **change).roles == roles


def test_a_suspended_tenant_lets_nobody_register() -> None:
    assert OPEN.allowed
    assert not replace(OPEN, suspended=True).allowed
    assert not replace(OPEN, open=False).allowed


@pytest.mark.parametrize(
    ("email", "may"),
    [
        ("ada@corp.example", True),
        ("ada@CORP.example", True),
        ("ada@sub.corp.example", False),
        ("ada@evilcorp.example", False),
        ("ada@corp.example.evil.test", False),
    ],
)
def test_a_domain_is_that_very_one(email: str, *, may: bool) -> None:
    assert may_register(parse_email(email), ["corp.example"]) is may
    assert may_register(parse_email(email), [])


@pytest.mark.parametrize(
    ("taken", "mails", "expected"),
    [
        (False, Mails(), Outcome.MAILED),
        (True, Mails(), Outcome.TAKEN),
        (False, Mails(2, fresh=0), Outcome.MAILED),
        (True, Mails(2, fresh=0), Outcome.TAKEN),
        (False, Mails(2, fresh=1), Outcome.TOO_MANY),
        (True, Mails(2, fresh=1), Outcome.TOO_MANY),
        (False, Mails(3, fresh=0), Outcome.TOO_MANY),
        (True, Mails(3, fresh=0), Outcome.TOO_MANY),
    ],
)
def test_what_is_mailed(*, taken: bool, mails: Mails, expected: Outcome) -> None:
    assert outcome(taken=taken, mails=mails, most_mails=3) is expected


@pytest.mark.parametrize(
    ("terms", "present"),
    [
        ({"used": True}, {}),
        ({"expires_at": NOW}, {}),
        ({}, {"issuer": "https://id.example/t/acme"}),
        ({}, {"allowed": False}),
        ({}, {"taken": True}),
    ],
    ids=str,
)
def test_a_link_is_bound_to_everything(
    terms: dict[str, object], present: dict[str, object]
) -> None:
    assert is_good(TERMS, PRESENT)
    assert not is_good(replace(TERMS, **terms), replace(PRESENT, **present))
