"""Who gets an account, which roles groups give, what counts as proved: values in, decision out."""

from dataclasses import replace
from itertools import product

import pytest

from authserver.core.net.email import parse_email
from authserver.federation.policy import (
    WaysIn,
    creates,
    first_roles,
    is_proved_upstream,
    roles_after,
)
from authserver.federation.values import Connection, Identity, Kind

PLATFORM = Connection("idp_1", None, Kind.GOOGLE, "google", "Google", "client")
OWN = Connection("idp_2", "ten_1", Kind.OIDC, "own", "Own", "client")
ADA = Identity("https://op", "1", "ada", parse_email("ada@acme.example"), email_verified=True)
MAPPING = {"finance": "FINANCE_ANALYST", "view": "customer_viewer", "boss": "admin", "x": "nope"}


@pytest.mark.parametrize(
    ("wants", "registers"), list(product([True, False], [None, (), ("a.example",)]))
)
def test_a_tenants_own_connection_makes_people_where_it_says_so(
    *, wants: bool, registers: tuple[str, ...] | None
) -> None:
    own = replace(OWN, creates_people=wants)
    assert creates(own, ADA, registers=registers, domains=frozenset()) is wants


@pytest.mark.parametrize(
    ("identity", "registers", "proved", "expected"),
    [
        (ADA, None, {"acme.example"}, False),
        (ADA, (), set(), True),
        (replace(ADA, email_verified=False), (), set(), False),
        (replace(ADA, email=None), (), set(), False),
        (ADA, ("acme.example",), {"acme.example"}, False),
        (replace(ADA, domain="acme.example"), ("acme.example",), {"acme.example"}, True),
        (replace(ADA, domain="acme.example"), ("acme.example",), set(), False),
        (replace(ADA, domain="acme.example"), ("other.example",), {"acme.example"}, False),
    ],
)
def test_one_of_the_platform_follows_the_rules_of_registration(
    *, identity: Identity, registers: tuple[str, ...] | None, proved: set[str], expected: bool
) -> None:
    wishes = replace(PLATFORM, creates_people=True), PLATFORM
    for connection in wishes:
        assert creates(connection, identity, registers=registers, domains=proved) is expected


@pytest.mark.parametrize(
    ("held", "groups", "after"),
    [
        (set(), (), set()),
        (set(), ("finance",), {"FINANCE_ANALYST"}),
        ({"FINANCE_ANALYST"}, (), set()),
        ({"FINANCE_ANALYST", "customer_viewer"}, ("view",), {"customer_viewer"}),
        ({"SALES_REP"}, ("view", "else"), {"SALES_REP", "customer_viewer"}),
        (set(), ("boss", "x", "BOSS", "Finance"), set()),
        ({"admin"}, (), {"admin"}),
        ({"admin", "nope", "FINANCE_ANALYST"}, ("boss",), {"admin", "nope"}),
    ],
)
def test_groups_move_only_what_their_mapping_can_give(
    held: set[str], groups: tuple[str, ...], after: set[str]
) -> None:
    assert roles_after(held, MAPPING, groups) == after
    assert roles_after(after, MAPPING, groups) == after, "the same once more"


def test_two_groups_may_give_the_same_role() -> None:
    mapping = {"a": "customer_viewer", "b": "customer_viewer"}
    assert roles_after({"customer_viewer"}, mapping, ("b",)) == {"customer_viewer"}


def test_the_first_roles_are_the_default_ones_and_those_of_the_groups() -> None:
    own = replace(OWN, default_roles=("SALES_REP", "PLATFORM_ADMIN", "?"), group_roles=MAPPING)
    identity = replace(ADA, groups=("finance", "boss"))
    assert first_roles(own, identity) == {"SALES_REP", "FINANCE_ANALYST"}


@pytest.mark.parametrize(
    ("connection", "trusts", "amr", "expected"),
    [
        (OWN, True, ("pwd", "mfa"), True),
        (OWN, True, ("otp",), False),
        (OWN, False, ("mfa",), False),
        (PLATFORM, True, ("mfa",), False),
    ],
)
def test_a_second_factor_counts_where_its_own_tenant_trusts_it(
    *, connection: Connection, trusts: bool, amr: tuple[str, ...], expected: bool
) -> None:
    identity = replace(ADA, amr=amr)
    assert is_proved_upstream(replace(connection, trusts_amr=trusts), identity) is expected


@pytest.mark.parametrize(
    ("password", "passkeys", "identities"), list(product([True, False], [0, 2], [0, 1]))
)
def test_one_way_in_is_enough(*, password: bool, passkeys: int, identities: int) -> None:
    ways = WaysIn(password, passkeys, identities)
    assert ways.any is (password or passkeys + identities > 0)


@pytest.mark.parametrize(
    ("issuer", "subject", "fit"),
    [
        ("https://op", "1", True),
        ("https://op", "x" * 255, True),
        ("https://op", "x" * 256, False),
        ("https://op", "", False),
        ("", "1", False),
        ("https://op", "1\0", False),
        ("x" * 256, "1", False),
    ],
)
def test_a_key_is_kept_as_it_is_or_not_at_all(*, issuer: str, subject: str, fit: bool) -> None:
    assert replace(ADA, issuer=issuer, subject=subject).is_fit is fit


def test_a_label_is_shown_without_what_cannot_be_seen() -> None:
    assert replace(ADA, label="a\u202eda\n\0" + "x" * 400).shown == "ada" + "x" * 317
