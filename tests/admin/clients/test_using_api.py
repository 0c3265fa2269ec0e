"""What helps to use a client: whether an address may call, programs, and a trial of a request."""

import pytest

from tests.admin.callers import Caller, person
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def machine(world: World, admin: Caller, **asked: object) -> str:
    usual = {"scopes": ["a", "b"], "audiences": ["https://api.example/"]}
    client = world.client(admin.tenant, "service", **{**usual, **asked})
    return f"/tenants/{admin.tenant.id}/clients/{client.id}"


def test_an_address_is_compared_as_a_request_would_be(world: World, admin: Caller) -> None:
    one = machine(world, admin, ip_allowlist=["127.0.0.0/8", "2001:db8::/32"])
    own = admin.call("GET", f"{one}/address").json
    assert (own["address"], own["allowed"], own["network"]) == ("127.0.0.1", True, "127.0.0.0/8")
    for address, allowed in (
        ("2001:db8::1", True),
        ("::ffff:127.0.0.1", True),
        ("203.0.113.7", False),
    ):
        answer = admin.call("GET", f"{one}/address?address={address}")
        assert answer.json["allowed"] is allowed, address
    assert admin.call("GET", f"{one}/address?address=127.1").status_code == 422


def test_a_trial_says_what_the_token_would_say_and_gives_none(world: World, admin: Caller) -> None:
    one = machine(world, admin)
    before = len(events(world, admin.tenant.id))
    answer = admin.call("POST", f"{one}/test", {})
    tried = answer.json
    assert (tried["granted"], [s["name"] for s in tried["steps"] if not s["passed"]]) == (True, [])
    assert (tried["claims"]["scope"], tried["claims"]["aud"]) == ("a b", "https://api.example/")
    assert "eyJ" not in answer.text  # no token, nor a part of one
    assert len(events(world, admin.tenant.id)) == before


@pytest.mark.parametrize(
    ("change", "asked", "step"),
    [
        ({}, {"scopes": ["c"]}, "scope"),
        ({}, {"audience": "https://other.example/"}, "resource"),
        ({"ip_allowlist": ["10.0.0.0/8"]}, {}, "address"),
        ({"ip_allowlist": ["10.0.0.0/8"]}, {"address": "10.1.2.3"}, None),
        ({"options": {"dpop_bound_access_tokens": True}}, {}, "key"),
    ],
)
def test_a_trial_names_the_first_thing_that_would_be_refused(
    world: World, admin: Caller, change: dict[str, object], asked: object, step: str | None
) -> None:
    one = machine(world, admin)
    if change:
        assert admin.call("PATCH", one, change).status_code == 200
    tried = admin.call("POST", f"{one}/test", asked).json
    wrong = [one for one in tried["steps"] if not one["passed"]]
    assert [one["name"] for one in wrong] == ([step] if step else [])
    assert all(one["reason"] for one in wrong)
    assert tried["granted"] is (step is None)
    assert (tried["claims"] is None) is (step is not None)


def test_a_client_that_is_off_or_has_no_secret_is_said_to_be_so(
    world: World, admin: Caller
) -> None:
    one = machine(world, admin)

    def first_wrong() -> str:
        steps = admin.call("POST", f"{one}/test", {}).json["steps"]
        return str(steps[-1]["name"])

    secret = admin.call("GET", f"{one}/secrets").json["items"][0]["id"]
    admin.call("DELETE", f"{one}/secrets/{secret}")
    assert first_wrong() == "credential"
    admin.call("POST", f"{one}/disable")
    assert first_wrong() == "enabled"


def test_people_are_no_machines(world: World, admin: Caller) -> None:
    client = world.client(admin.tenant)
    one = f"/tenants/{admin.tenant.id}/clients/{client.id}"
    tried = admin.call("POST", f"{one}/test", {}).json
    assert tried["steps"][-1]["name"] == "grant_type"
    languages = [s["language"] for s in admin.call("GET", f"{one}/snippets").json["items"]]
    assert languages == ["python", "node"]


@pytest.mark.parametrize("kind", ["service", "partner"])
def test_programs_are_of_the_clients_own_issuer(world: World, kind: str) -> None:
    tenant = world.tenant(own_issuer=True)
    admin = person(world, "admin", tenant=tenant)
    client = world.client(tenant, kind, at_tenant_issuer=True)
    one = f"/tenants/{tenant.id}/clients/{client.id}"
    found = admin.call("GET", f"{one}/snippets?language=curl").json["items"]
    assert f"https://auth.example/t/{tenant.slug}/oauth/token" in found[0]["code"]
    assert admin.call("GET", f"{one}/snippets?language=perl").status_code == 422
    assert admin.call("POST", f"{one}/test", {}).json["claims"]["iss"].endswith(tenant.slug)
