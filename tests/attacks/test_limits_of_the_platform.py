"""A partner lifts what limits its own clients: the rate is the platform's word (ATK-118)."""

import pytest

from authserver.clients.policy import raises_rate
from tests.admin.callers import Caller, person, program
from tests.support.world import World

MACHINE = {"name": "Feed", "kind": "partner", "scopes": ["orders:read"], "rate": "60/minute"}


@pytest.fixture(name="partner")
def _partner(world: World) -> Caller:
    return person(world, "admin", kind="partner")


def _client(caller: Caller) -> str:
    many = f"/tenants/{caller.tenant.id}/clients"
    return f"{many}/{caller.call('POST', many, MACHINE).json['id']}"


@pytest.mark.parametrize(
    "wanted", [None, "61/minute", "60/second", "2/second", "3600/hour", "100000/day"]
)
def test_a_partner_does_not_raise_the_rate_of_its_client(
    partner: Caller, wanted: str | None
) -> None:
    one = _client(partner)
    answer = partner.call("PATCH", one, {"name": "Feed 2", "rate": wanted})
    assert answer.status_code == 403, answer.text
    shown = partner.call("GET", one).json
    assert (shown["name"], shown["rate"]) == ("Feed", "60/minute")


def test_a_partner_lowers_it_and_does_not_take_that_back(partner: Caller) -> None:
    one = _client(partner)
    assert partner.call("PATCH", one, {"rate": "1/second"}).json["rate"] == "1/second"
    assert partner.call("PATCH", one, {"rate": "60/minute"}).status_code == 403
    assert partner.call("PATCH", one, {"rate": "many"}).status_code in {400, 422}


@pytest.mark.parametrize("kind", ["service", "web"])
def test_a_partner_does_not_escape_its_rate_by_a_client_of_another_kind(
    partner: Caller, kind: str
) -> None:
    many = f"/tenants/{partner.tenant.id}/clients"
    new = {"name": "Feed", "kind": kind, "scopes": ["orders:read"]}
    if kind == "web":
        new |= {"redirect_uris": ["https://feed.example/back"], "scopes": ["openid"]}
    made = partner.call("POST", many, new)
    assert (made.status_code, made.json["rate"]) == (201, "600/minute"), made.text
    assert partner.call("POST", many, {**new, "rate": "601/minute"}).status_code == 403
    one = f"{many}/{made.json['id']}"
    assert partner.call("PATCH", one, {"rate": None}).status_code == 403


def test_a_key_without_the_permission_for_tenants_raises_nothing(world: World) -> None:
    platform = program(world, "clients:read", "clients:write")
    one = _client(platform)
    assert platform.call("PATCH", one, {"rate": "120/minute"}).status_code == 403


def test_whoever_administers_the_tenants_raises_it(world: World) -> None:
    platform = program(world, "clients:read", "clients:write", "tenants:write")
    one = _client(platform)
    assert platform.call("PATCH", one, {"rate": "120/minute"}).json["rate"] == "120/minute"
    assert platform.call("PATCH", one, {"rate": None}).json["rate"] is None


@pytest.mark.parametrize(
    ("present", "wanted", "raised"),
    [
        (None, None, False),
        (None, "1000000/second", False),
        ("60/minute", "60/minute", False),
        ("60/minute", "1/second", False),
        ("60/minute", "60/hour", False),
        ("1/second", "60/minute", True),  # the same for long, and sixty at once
        ("60/minute", "30/second", True),
        ("60/minute", None, True),
    ],
)
def test_a_rate_is_higher_if_it_ever_lets_more_through(
    present: str | None, wanted: str | None, *, raised: bool
) -> None:
    assert raises_rate(present, wanted) is raised
