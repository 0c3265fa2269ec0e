"""JWT bearer grants: RFC 7523 section 2.1."""

from dataclasses import replace
from typing import Any

import jwt
import pytest

from authserver.core.clock import epoch
from authserver.core.jose import SigningKey, generate_private_key
from authserver.federation.connectors.line import make_fetcher
from authserver.oauth.assertions.values import SubjectKind
from tests.spec.tools import (
    API,
    change,
    error_of,
    events,
    part,
    restarted,
    set_client,
    statements,
)
from tests.spec.vouching import GRANT, Vouching, amend, trust, vouching
from tests.support.browser import ISSUER, Party
from tests.support.providers import OpenId
from tests.support.providers.standing_in import RULES
from tests.support.world import World


@pytest.fixture(name="ours")
def _ours(world: World) -> Vouching:
    return vouching(world)


@pytest.mark.every_database
@pytest.mark.rfc("RFC 7523 section 2.1")
def test_a_machine_gets_a_token_of_its_own(ours: Vouching) -> None:
    answer = ours.bring()
    assert answer.status_code == 200, answer.text
    claims = part(answer.json["access_token"], 1)
    assert (claims["sub"], claims["aud"]) == (ours.party.client.id, API)
    assert claims["scope"] == "orders:read"
    assert ours.party.introspect(answer.json["access_token"]).json["active"]
    assert sorted(answer.json) == ["access_token", "expires_in", "scope", "token_type"]
    assert len(events(ours.world, ours.tenant, "assertion.accepted")) == 1
    set_client(ours.world, ours.party.client, enabled=False)
    watcher = Party(ours.world, ours.world.client(ours.world.tenant("internal"), "service"))
    assert not watcher.introspect(answer.json["access_token"]).json["active"]


@pytest.mark.rfc("RFC 7523 section 3.1")
@pytest.mark.rfc("RFC 7523 section 3")
@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://else.example"},
        {"iss": None},
        {"sub": None},
        {"sub": "repo:acme/other"},
        {"sub": ""},
        {"aud": None},
        {"aud": "https://auth.example.evil"},
        {"aud": f"{ISSUER}/"},
        {"aud": [ISSUER, "https://else.example"]},
        {"exp": None},
        {"exp": 1},
        {"exp": 99999999999},
        {"exp": "soon"},
        {"exp": True},
        {"iat": None},
        {"iat": 99999999999},
        {"nbf": 99999999999},
        {"jti": None},
        {"jti": 7},
    ],
    ids=str,
)
def test_an_assertion_is_for_us_alone_short_and_complete(
    ours: Vouching, claims: dict[str, Any]
) -> None:
    assert error_of(ours.bring(ours.assertion(**claims))) == (400, "invalid_grant")


@pytest.mark.rfc("RFC 7523 section 3")
def test_its_life_is_bounded_by_what_was_registered(ours: Vouching) -> None:
    now = epoch(ours.world.clock.now())
    long = ours.assertion(iat=now - 400, exp=now + 60)
    assert error_of(ours.bring(long)) == (400, "invalid_grant")
    assert error_of(ours.bring(ours.assertion(exp=now + 400))) == (400, "invalid_grant")
    assert (
        ours.bring(ours.assertion(aud=[f"{ISSUER}/oauth/token"], exp=now + 290)).status_code == 200
    )
    amend(ours, longest=30)
    assert error_of(ours.bring()) == (400, "invalid_grant")


@pytest.mark.rfc("RFC 7523 section 3")
def test_an_assertion_is_good_once_in_every_process(ours: Vouching) -> None:
    assertion = ours.assertion()
    assert ours.bring(assertion).status_code == 200
    assert error_of(ours.bring(assertion)) == (400, "invalid_grant")
    with restarted(ours.world) as other:
        elsewhere = replace(ours, party=Party(other, ours.party.client))
        assert error_of(elsewhere.bring(assertion)) == (400, "invalid_grant")
    actor = replace(ours.world.operator, principal=ours.tenant.id)
    change(
        ours.world,
        lambda tx: ours.world.services.assertions.remove(tx, ours.tenant.id, "ci", actor=actor),
    )
    assert error_of(ours.bring()) == (400, "unauthorized_client")
    trust(ours.world, ours.party.client, ours.key)
    assert error_of(ours.bring(assertion)) == (400, "invalid_grant")
    assert ours.bring().status_code == 200
    reasons = [e["facts"]["reason"] for e in events(ours.world, ours.tenant, "assertion.refused")]
    assert reasons == ["assertion: jti was used before"] * 3


def test_a_key_or_a_type_that_is_not_registered_is_refused(ours: Vouching) -> None:
    other = SigningKey(generate_private_key("ES256"), "ES256")
    stranger = replace(ours, key=other)
    assert error_of(ours.bring(stranger.assertion())) == (400, "invalid_grant")
    for typ in ("at+jwt", "logout+jwt", "dpop+jwt"):
        assert error_of(ours.bring(ours.assertion(typ))) == (400, "invalid_grant")
    for nonsense in ("nonsense", "a.b.c", ours.assertion().rpartition(".")[0] + "."):
        assert error_of(ours.bring(nonsense)) == (400, "invalid_grant")
    amend(ours, algorithms=("RS256",))
    assert error_of(ours.bring()) == (400, "invalid_grant")


@pytest.mark.attack("ATK-114")
def test_an_issuer_is_for_its_clients_and_its_tenant(ours: Vouching) -> None:
    world = ours.world
    for tenant in (ours.tenant, world.tenant()):
        theirs = replace(ours, party=Party(world, world.client(tenant, "service")))
        assert error_of(theirs.bring(ours.assertion())) == (400, "unauthorized_client")
    other = vouching(world, issuer="https://other.example")
    assert error_of(other.bring(ours.assertion())) == (400, "invalid_grant")
    amend(ours, enabled=False)
    assert error_of(ours.bring()) == (400, "unauthorized_client")
    amend(ours, enabled=True)
    assert ours.bring().status_code == 200


@pytest.mark.attack("ATK-120")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "orders:write"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://else.example/"}, "invalid_target"),
    ],
)
def test_only_what_the_issuer_and_the_client_may(
    ours: Vouching, form: dict[str, Any], error: str
) -> None:
    assert error_of(ours.bring(**form)) == (400, error)


def test_there_is_an_assertion(ours: Vouching) -> None:
    assert error_of(ours.party.send("token", {"grant_type": GRANT})) == (400, "invalid_request")


def test_the_client_proves_who_it_is_all_the_same(ours: Vouching) -> None:
    ours.party.client.secret = "wrong"
    assert error_of(ours.bring()) == (401, "invalid_client")


@pytest.mark.rfc("RFC 7523 section 2.1")
def test_keys_that_are_published_are_read_and_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Http is for this machine alone: an issuer of the world has https."""
    services = world.services
    fetcher = make_fetcher(services.clock, RULES)
    monkeypatch.setattr(services.assertions, "_allow_http_loopback", True)
    monkeypatch.setattr(services.issuer_keys, "_fetcher", fetcher)
    with OpenId() as provider:
        ours = vouching(world, issuer=provider.url, jwks=None, jwks_uri=f"{provider.url}/jwks")

        def assertion() -> str:
            claims = part(ours.assertion(), 1)
            kid = {"kid": provider.kid}
            return jwt.encode(claims, provider._key, algorithm="RS256", headers=kid)  # noqa: SLF001

        assert ours.bring(assertion()).status_code == 200
        provider.rotate_keys()
        assert ours.bring(assertion()).status_code == 200
        provider.rotate_keys()
        refused = ours.bring(assertion())
        assert error_of(refused) == (400, "invalid_grant"), "read again once a minute at most"
        world.clock.move(minutes=2)
        assert ours.bring(assertion()).status_code == 200
    world.clock.move(hours=2)
    assert error_of(ours.bring()) == (503, "temporarily_unavailable")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"issuer": ISSUER}, "own tokens"),
        ({"issuer": f"{ISSUER}/t/acme"}, "own tokens"),
        ({"jwks_uri": "https://ci.example/jwks"}, "one of them"),
        ({"jwks": None, "jwks_uri": "http://ci.example/jwks"}, "https"),
        ({"algorithms": ("HS256",)}, "algorithm"),
        ({"algorithms": ("none",)}, "algorithm"),
        ({"clients": ()}, "client"),
        ({"scopes": ("admin",)}, "scope"),
        ({"longest": 3601}, "seconds"),
        ({"subject": SubjectKind.IDENTITY}, "connection"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "private or secret"),
    ],
)
def test_what_cannot_be_trusted_is_not_registered(
    world: World, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(Exception, match=words):
        vouching(world, **more)


@pytest.mark.every_database
def test_other_grants_do_not_look_for_issuers(world: World) -> None:
    party = Party(world, world.client(world.tenant(), "service"))
    party.machine()
    with statements(world) as sent:
        party.machine()
    assert not [one for one in sent if "assertion_issuers" in one or "exchange_rules" in one]
