"""When an invitation can be accepted, and who may make one: values in, decision out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from authserver.core.problems import Refused, TooManyRequests
from authserver.invitations.policy import (
    Home,
    Inviter,
    Present,
    Refusal,
    State,
    Terms,
    check_inviter,
    check_may_mail_again,
    may_be_home,
    refusal,
)
from authserver.roles.catalogue import BUILTIN

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ISSUER = "https://id.example"
ADMIN = Inviter("usr_1", enabled=True, permissions=BUILTIN["admin"].permissions)
TERMS = Terms(
    ISSUER,
    "eve@example.com",
    ("customer_viewer",),
    NOW + timedelta(days=7),
    accepted=False,
    revoked=False,
)
ROLES = {name: role.permissions for name, role in BUILTIN.items()}
PRESENT = Present(
    ISSUER,
    NOW,
    False,
    "customer",
    False,
    {"customer_viewer": ROLES["customer_viewer"]},
    ADMIN,
)


def test_one_that_is_open_can_be_accepted_until_it_expires() -> None:
    assert refusal(TERMS, PRESENT) is None
    assert refusal(TERMS, replace(PRESENT, inviter=None)) is None
    last = TERMS.expires_at - timedelta(microseconds=1)
    assert refusal(TERMS, replace(PRESENT, now=last)) is None
    assert refusal(TERMS, replace(PRESENT, now=TERMS.expires_at)) is Refusal.NOT_OPEN


@pytest.mark.parametrize(
    ("terms", "present", "reason"),
    [
        ({"accepted": True}, {}, Refusal.NOT_OPEN),
        ({"revoked": True}, {}, Refusal.NOT_OPEN),
        ({}, {"issuer": f"{ISSUER}/t/acme"}, Refusal.ELSEWHERE),
        ({}, {"suspended": True}, Refusal.TENANT_SUSPENDED),
        ({"roles": ("gone",)}, {}, Refusal.ROLE_GONE),
        ({"roles": ("gone",)}, {"inviter": None}, Refusal.ROLE_GONE),
        ({"roles": ("PLATFORM_ADMIN",)}, {"inviter": None, "roles": ROLES}, Refusal.ROLE_GONE),
        (
            {"roles": ("CLOUD_OPS",)},
            {"roles": {"CLOUD_OPS": ROLES["CLOUD_OPS"]}},
            Refusal.INVITER_MAY_NOT,
        ),
        ({}, {"inviter": replace(ADMIN, enabled=False)}, Refusal.INVITER_MAY_NOT),
        ({}, {"inviter": replace(ADMIN, permissions=frozenset())}, Refusal.INVITER_MAY_NOT),
        ({}, {"taken": True}, Refusal.TAKEN),
    ],
)
def test_what_is_missing_is_found(
    terms: dict[str, object], present: dict[str, object], reason: Refusal
) -> None:
    assert refusal(replace(TERMS, **terms), replace(PRESENT, **present)) is reason


@pytest.mark.parametrize(
    ("terms", "state"),
    [
        ({}, State.OPEN),
        ({"accepted": True, "revoked": True}, State.ACCEPTED),
        ({"revoked": True, "expires_at": NOW}, State.REVOKED),
        ({"expires_at": NOW}, State.EXPIRED),
    ],
)
def test_how_one_stands(terms: dict[str, object], state: State) -> None:
    assert replace(TERMS, **terms).state(NOW) is state


@pytest.mark.parametrize("role", BUILTIN)
def test_an_inviter_gives_what_they_hold_and_no_more(role: str) -> None:
    if ROLES["admin"] >= ROLES[role]:
        check_inviter(ADMIN, {role: ROLES[role]})
        return
    with pytest.raises(Refused):
        check_inviter(ADMIN, {role: ROLES[role]})


def test_without_roles_an_inviter_must_still_be_allowed_to_change_people() -> None:
    check_inviter(ADMIN, {})
    viewer = replace(ADMIN, permissions=BUILTIN["admin_viewer"].permissions)
    with pytest.raises(Refused):
        check_inviter(viewer, {})


def test_a_mail_may_follow_after_five_minutes() -> None:
    check_may_mail_again(NOW - timedelta(minutes=5), NOW)
    with pytest.raises(TooManyRequests) as refused:
        check_may_mail_again(NOW - timedelta(minutes=4, seconds=30), NOW)
    assert refused.value.headers == {"Retry-After": "31"}


HOME = Home("ten_home", "eve@example.com", verified=True, guest=False, closed=False)


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        ({}, True),
        ({"tenant_id": "ten_here"}, False),
        ({"address": "Eve@example.com"}, False),
        ({"verified": False}, False),
        ({"guest": True}, False),
        ({"closed": True}, False),
    ],
    ids=str,
)
def test_whose_account_may_be_the_home_of_a_guest(change: dict[str, object], *, fits: bool) -> None:
    home = replace(HOME, **change)
    assert may_be_home(home, tenant_id="ten_here", address="eve@example.com") is fits
