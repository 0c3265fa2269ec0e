"""A client gets tokens in the algorithms it registered, also where its issuer had no such key."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from authserver.audit.events import Actor
from authserver.core.ids import new_id
from authserver.tokens.keys import DEFAULT_ALGORITHMS
from tests.conftest import install, process_database
from tests.spec.tools import Stage, change, events, get, part, stage, tenant_stage
from tests.support.browser import Party
from tests.support.world import TenantFixture, World

Play = Callable[..., Stage]
ADDED = ("ES384", "EdDSA", "PS256")


@pytest.fixture(scope="module")
def made(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An installation as `authserver init` makes it: with keys for the default algorithms."""
    with process_database(database_kind) as url:
        folder = tmp_path_factory.mktemp("small")
        made = install(url or f"sqlite:///{folder}/small.db", folder, DEFAULT_ALGORITHMS)
        yield made
        made.services.database.close()


@pytest.fixture
def small(made: World) -> World:
    """The installation, with its clock set to the present."""
    made.clock.reset()
    return made


@pytest.fixture(params=[stage, tenant_stage], ids=["platform", "tenant"])
def play(request: pytest.FixtureRequest) -> Play:
    """A stage at the platform's issuer, and one at a tenant's own."""
    return request.param


def operator(tenant: TenantFixture) -> Actor:
    return Actor("operator", tenant.id, new_id("cor"))


def keys_of(on: Stage) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = get(on.world, f"{on.prefix}/oauth/jwks").json["keys"]
    return keys


def check(on: Stage, token: str, alg: str) -> None:
    """The token is signed with a published key of the algorithm, and of no other."""
    assert part(token, 0)["alg"] == alg
    assert part(token, 0)["kid"] in {key["kid"] for key in keys_of(on) if key["alg"] == alg}
    claims = jwt.decode(
        token, KeySet.import_key_set({"keys": keys_of(on)}), algorithms=[alg]
    ).claims
    assert claims["iss"].endswith(on.prefix)


@pytest.mark.rfc("OpenID Connect Registration section 2")
@pytest.mark.parametrize("alg", ADDED)
def test_tokens_validate_against_the_published_keys(small: World, play: Play, alg: str) -> None:
    on = play(small, access_token_alg=alg, id_token_alg=alg)
    tokens = on.tokens()
    check(on, tokens["access_token"], alg)
    check(on, tokens["id_token"], alg)
    assert on.party.userinfo(tokens["access_token"]).status_code == 200
    assert on.party.introspect(tokens["access_token"]).json["active"] is True
    check(on, on.party.refresh(tokens["refresh_token"]).json["access_token"], alg)


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Registration section 2")
def test_access_and_id_tokens_may_have_different_algorithms(small: World, play: Play) -> None:
    tokens = (on := play(small, access_token_alg="PS256", id_token_alg="EdDSA")).tokens()
    check(on, tokens["access_token"], "PS256")
    check(on, tokens["id_token"], "EdDSA")


@pytest.mark.rfc("OpenID Connect Registration section 2")
@pytest.mark.parametrize("kind", ["service", "partner"])
def test_a_machine_gets_tokens_too_and_no_key_for_id_tokens(small: World, kind: str) -> None:
    tenant = small.tenant(own_issuer=True)
    asked = {"access_token_alg": "ES384", "id_token_alg": "PS256", "at_tenant_issuer": True}
    party = Party(small, small.client(tenant, kind, **asked), f"/t/{tenant.slug}")
    on = Stage(small, tenant, small.user(tenant), party.client, party.prefix)
    check(on, party.machine().json["access_token"], "ES384")
    assert {key["alg"] for key in keys_of(on)} == {"ES256", "ES384"}


@pytest.mark.rfc("OpenID Connect Discovery section 3")
def test_discovery_names_the_algorithm(small: World) -> None:
    on = tenant_stage(small)

    def named() -> list[str]:
        path = f"{on.prefix}/.well-known/openid-configuration"
        return get(small, path).json["id_token_signing_alg_values_supported"]

    assert named() == ["ES256", "RS256"]
    small.client(on.tenant, at_tenant_issuer=True, id_token_alg="EdDSA")
    assert named() == ["ES256", "EdDSA", "RS256"]


def test_a_second_client_uses_the_same_key(small: World) -> None:
    on = tenant_stage(small, access_token_alg="EdDSA")
    before = keys_of(on)
    small.client(on.tenant, at_tenant_issuer=True, access_token_alg="EdDSA")
    assert keys_of(on) == before


def test_a_client_at_the_platform_makes_no_key_for_its_tenants_issuer(small: World) -> None:
    on = tenant_stage(small)
    small.client(on.tenant, access_token_alg="EdDSA")
    assert {key["alg"] for key in keys_of(on)} == {"ES256", "RS256"}


@pytest.mark.parametrize("days", [0, 2])
def test_a_key_that_waits_for_its_day_begins_with_the_first_client(small: World, days: int) -> None:
    """`authserver keys rotate --alg` adds an algorithm, to sign a day later."""
    on = tenant_stage(small)
    keys, by = small.services.keys, operator(on.tenant)
    change(small, lambda tx: keys.rotate(tx, on.tenant.id, by, algorithms=["PS256"]))
    small.clock.move(days=days)
    waiting = [key["kid"] for key in keys_of(on) if key["alg"] == "PS256"]
    client = small.client(on.tenant, at_tenant_issuer=True, access_token_alg="PS256")
    now = Stage(small, on.tenant, on.person, client, on.prefix)
    check(now, now.tokens()["access_token"], "PS256")
    assert [key["kid"] for key in keys_of(on) if key["alg"] == "PS256"] == waiting
    rotated = events(small, on.tenant, "keys.rotated")
    assert len(rotated) == (1 if days else 2)


def test_an_algorithm_that_is_being_rotated_needs_no_other_key(small: World) -> None:
    on = tenant_stage(small, access_token_alg="ES384")
    by = operator(on.tenant)
    change(small, lambda tx: small.services.keys.rotate(tx, on.tenant.id, by))
    before = keys_of(on)
    for days in (0, 2):
        small.clock.move(days=days)
        client = small.client(on.tenant, at_tenant_issuer=True, access_token_alg="ES384")
        later = Stage(small, on.tenant, on.person, client, on.prefix)
        check(later, later.tokens()["access_token"], "ES384")
        assert {key["kid"] for key in keys_of(on)} <= {key["kid"] for key in before}


def test_the_new_key_stands_in_the_trail_of_its_issuer(small: World) -> None:
    on = tenant_stage(small, id_token_alg="EdDSA")
    made = [event["facts"]["alg"] for event in events(small, on.tenant, "key.created")]
    assert sorted(made) == ["ES256", "EdDSA"]
    elsewhere = small.tenant()
    change(
        small,
        lambda tx: small.services.keys.ensure(tx, None, operator(elsewhere), algorithms=ADDED),
    )
    assert events(small, elsewhere, "key.created") == [], "the platform's keys are not a tenant's"
