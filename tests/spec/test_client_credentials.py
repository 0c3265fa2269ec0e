"""Client credentials: RFC 6749 section 4.4, product.md section 3, TOP-15."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.spec.tools import (
    error_of,
    events,
    machine,
    part,
    post,
    restarted,
    rotate_secret,
    set_client,
    suspend,
)
from tests.support.browser import Party
from tests.support.world import World

GRANT = {"grant_type": "client_credentials"}


@pytest.mark.every_database
@pytest.mark.rfc("RFC 6749 section 4.4.3")
def test_there_is_no_refresh_token_and_no_id_token(world: World) -> None:
    said = machine(world).machine().json
    assert sorted(said) == ["access_token", "expires_in", "scope", "token_type"]


@pytest.mark.rfc("RFC 6749 section 3.3")
@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, "orders:read orders:write"),
        ("orders:read", "orders:read"),
        ("orders:write orders:read", "orders:write orders:read"),
        ("orders:read orders:read", "orders:read"),
    ],
)
def test_scopes_are_what_was_asked_or_all_of_the_clients(
    world: World, asked: str | None, granted: str
) -> None:
    said = machine(world).machine(scope=asked).json
    assert said["scope"] == part(said["access_token"], 1)["scope"] == granted


@pytest.mark.rfc("RFC 6749 section 3.3")
@pytest.mark.parametrize(
    "asked",
    [
        *("admin", "orders:read admin", "orders:*", "orders", "ORDERS:READ", "orders:read,x", "*"),
        *("openid", "profile", "offline_access", "orders:read  x", '"', "ü", "orders:read\\"),
    ],
)
def test_a_scope_outside_the_clients_list_is_refused(world: World, asked: str) -> None:
    assert error_of(machine(world).machine(scope=asked)) == (400, "invalid_scope")


@pytest.mark.rfc("RFC 6749 section 4.4")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_applications_of_people_get_none(world: World, kind: str) -> None:
    answer = machine(world, kind).machine()
    assert error_of(answer) == (400, "unauthorized_client")


@pytest.mark.rfc("RFC 6749 section 4.4")
@pytest.mark.parametrize("kind", ["service", "partner"])
def test_a_machine_cannot_be_registered_as_public(world: World, kind: str) -> None:
    with pytest.raises(Exception, match="authenticates with"):
        world.client(world.tenant(), kind, auth_method="none")


@pytest.mark.rfc("product.md section 4")
@pytest.mark.parametrize("scope", ["openid", "profile", "email", "offline_access"])
def test_a_machine_cannot_be_registered_with_scopes_of_people(world: World, scope: str) -> None:
    with pytest.raises(Exception, match="people"):
        world.client(world.tenant(), "service", scopes=[scope])


def test_the_issue_is_in_the_trail(world: World) -> None:
    party = machine(world)
    claims = part(party.machine(scope="orders:read").json["access_token"], 1)
    (event,) = events(world, party.client.tenant, "machine_token.issued")
    assert event["facts"]["jti"] == claims["jti"]
    assert event["facts"]["scope"] == ["orders:read"]


@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("ending", ["disabled", "suspended", "rotated"])
def test_what_ends_a_client_ends_its_tokens_at_once(world: World, ending: str) -> None:
    party = machine(world, "partner")
    client = party.client
    watcher = Party(world, world.client(world.tenant("internal"), "service"))
    watched = machine(world, audiences=["https://api.example/"])
    assert watched.machine().status_code == 200
    token = party.machine().json["access_token"]
    assert party.introspect(token).json["active"] is True
    if ending == "disabled":
        set_client(world, client, enabled=False)
    elif ending == "suspended":
        suspend(world, client.tenant)
    else:
        client.secret = rotate_secret(world, client)
    if ending == "rotated":
        assert party.introspect(token).json == {"active": False}
        assert party.machine().status_code == 200
        return
    assert error_of(party.machine()) == (401, "invalid_client")
    if ending == "disabled":
        set_client(world, client, enabled=True)
        assert party.introspect(token).json == {"active": False}
    assert watcher.introspect(token).json == {"active": False}


def from_address(world: World, party: Party, address: str, **headers: str) -> TestResponse:
    names = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return post(
        world,
        "/oauth/token",
        GRANT,
        auth=(party.client.id, party.client.secret),
        environ_overrides={"REMOTE_ADDR": address, **names},
    )


ALLOW: list[Any] = [
    (["203.0.113.7"], "203.0.113.7", True),
    (["203.0.113.7"], "203.0.113.8", False),
    (["203.0.113.0/24"], "203.0.113.255", True),
    (["203.0.113.0/24"], "203.0.114.0", False),
    (["203.0.113.7"], "::ffff:203.0.113.7", True),
    (["203.0.113.7"], "::ffff:203.0.113.8", False),
    (["203.0.113.7"], "::ffff:cb00:7107", True),
    (["203.0.113.7"], "::203.0.113.7", False),
    (["203.0.113.7"], "64:ff9b::203.0.113.7", False),
    (["2001:db8::/32"], "2001:db8:ffff::1", True),
    (["2001:db8::/32"], "2001:DB8::1", True),
    (["2001:db8::/32"], "2001:db9::1", False),
    (["2001:db8::7"], "2001:db8:0:0:0:0:0:7", True),
    (["2001:db8::/32"], "203.0.113.7", False),
    (["0.0.0.0/0"], "2001:db8::1", False),
    (["203.0.113.7", "2001:db8::/64"], "2001:db8::abcd", True),
    ([], "203.0.113.7", True),
]


@pytest.mark.any_database
@pytest.mark.rfc("TOP-15")
@pytest.mark.parametrize(("networks", "address", "allowed"), ALLOW)
def test_the_address_must_be_on_the_list_where_there_is_one(
    world: World, networks: list[str], address: str, *, allowed: bool
) -> None:
    party = machine(world, "partner", ip_allowlist=networks)
    answer = from_address(world, party, address)
    assert answer.status_code == (200 if allowed else 400)
    if not allowed:
        assert answer.json["error"] == "unauthorized_client"
        assert address not in answer.text
        assert len(events(world, party.client.tenant, "client.address_refused")) == 1


@pytest.mark.rfc("TOP-15")
def test_the_address_is_no_substitute_for_the_secret(world: World) -> None:
    party = machine(world, "partner", ip_allowlist=["203.0.113.7"])
    party.client.secret = "wrong"
    assert error_of(from_address(world, party, "203.0.113.7")) == (401, "invalid_client")


@pytest.mark.any_database
@pytest.mark.rfc("TOP-15")
@pytest.mark.parametrize(
    "headers",
    [
        {"x_forwarded_for": "203.0.113.7"},
        {"x_real_ip": "203.0.113.7"},
        {"forwarded": "for=203.0.113.7"},
        {
            "client_ip": "203.0.113.7",
            "true_client_ip": "203.0.113.7",
            "cf_connecting_ip": "203.0.113.7",
        },
    ],
)
def test_without_trusted_proxies_no_header_is_believed(
    world: World, headers: dict[str, str]
) -> None:
    party = machine(world, "partner", ip_allowlist=["203.0.113.7"])
    assert from_address(world, party, "198.51.100.1", **headers).status_code == 400
    spoofed = dict.fromkeys(headers, "198.51.100.1")
    assert from_address(world, party, "203.0.113.7", **spoofed).status_code == 200


FORWARDED: list[Any] = [
    ("10.0.0.1", "203.0.113.7", True),
    ("10.0.0.1", "198.51.100.1, 203.0.113.7", True),
    ("10.0.0.1", "203.0.113.7, 198.51.100.1", False),
    ("10.0.0.1", "203.0.113.7, 10.0.0.2", True),
    ("10.0.0.1", "198.51.100.1, 10.0.0.2", False),
    ("10.0.0.1", "::ffff:203.0.113.7", True),
    ("10.0.0.1", None, False),
    ("10.0.0.1", "", False),
    ("10.0.0.1", "garbage", False),
    ("10.0.0.1", "203.0.113.7, garbage", False),
    ("10.0.0.1", "203.0.113.7,", False),
    ("::ffff:10.0.0.1", "203.0.113.7", True),
    ("198.51.100.1", "203.0.113.7", False),
    ("203.0.113.7", "198.51.100.1", True),
]


@pytest.mark.any_database
@pytest.mark.rfc("TOP-15")
@pytest.mark.parametrize(("peer", "forwarded", "allowed"), FORWARDED)
def test_behind_trusted_proxies_the_rightmost_untrusted_hop_counts(
    world: World, peer: str, forwarded: str | None, *, allowed: bool
) -> None:
    party = machine(world, "partner", ip_allowlist=["203.0.113.7"])
    headers = {} if forwarded is None else {"x_forwarded_for": forwarded}
    with restarted(world, trusted_proxies=("10.0.0.0/8",)) as behind:
        answer = from_address(behind, party, peer, **headers)
    assert answer.status_code == (200 if allowed else 400)


@pytest.mark.rfc("product.md section 3")
def test_each_answer_tells_what_is_left_of_the_rate(world: World) -> None:
    party = machine(world, "partner", rate="3/minute")
    seen = [party.machine() for _ in range(4)]
    assert [answer.status_code for answer in seen] == [200, 200, 200, 429]
    for left, answer in zip((2, 1, 0, 0), seen, strict=True):
        assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
        assert answer.headers["RateLimit"].startswith(f'"default";r={left};t=')
    assert "Retry-After" not in seen[0].headers
    refused = seen[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert refused.headers["Cache-Control"] == "no-store"
    assert set(refused.json) == {"error", "error_description"}


@pytest.mark.rfc("product.md section 3")
def test_a_rate_is_the_clients_own(world: World) -> None:
    busy, calm = machine(world, rate="1/minute"), machine(world, rate="1/minute")
    assert [busy.machine().status_code for _ in range(2)] == [200, 429]
    assert calm.machine().status_code == 200
    assert "RateLimit" not in machine(world).machine().headers


@pytest.mark.rfc("product.md section 3")
def test_somebody_without_the_secret_cannot_use_the_rate_up(world: World) -> None:
    party = machine(world, rate="1/minute")
    secret, party.client.secret = party.client.secret, "wrong"
    for _ in range(3):
        assert party.machine().status_code == 401
    party.client.secret = secret
    assert party.machine().status_code == 200


@pytest.mark.rfc("product.md section 3")
def test_refused_requests_count_too(world: World) -> None:
    party = machine(world, rate="2/minute")
    assert party.machine(scope="unknown").status_code == 400
    assert party.machine().status_code == 200
    assert party.machine().status_code == 429
