"""ID tokens: OpenID Connect Core sections 2, 3.1.3.6 and 12.2."""

import hashlib

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.spec.tools import Stage, encode, get, machine, part, stage, tenant_stage
from tests.support.browser import ISSUER
from tests.support.world import World


@pytest.mark.any_database
@pytest.mark.rfc("OpenID Connect Core section 2")
def test_it_says_exactly_this(on: Stage) -> None:
    claims = part(on.tokens()["id_token"], 1)
    now = int(on.world.clock.now().timestamp())
    assert set(claims) == {
        *("iss", "sub", "aud", "azp", "iat", "exp", "at_hash", "nonce"),
        *("auth_time", "acr", "amr", "sid", "tenant_id", "tenant", "tenant_type", "roles"),
    }
    assert claims["iss"] == ISSUER
    assert claims["sub"] == on.person.id
    assert claims["aud"] == claims["azp"] == on.client.id
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (now, now + 900, now)
    assert claims["nonce"] == "the nonce"


HASHES = {
    "RS256": hashlib.sha256,
    "PS256": hashlib.sha256,
    "ES256": hashlib.sha256,
    "ES384": hashlib.sha384,
    "EdDSA": hashlib.sha512,
}


@pytest.mark.any_database
@pytest.mark.rfc("OpenID Connect Core section 3.1.3.6")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", HASHES)
def test_at_hash_is_half_the_hash_of_the_algorithm(world: World, alg: str) -> None:
    tokens = stage(world, id_token_alg=alg).tokens()
    digest = HASHES[alg](tokens["access_token"].encode()).digest()
    assert part(tokens["id_token"], 1)["at_hash"] == encode(digest[: len(digest) // 2])
    assert part(tokens["id_token"], 0)["alg"] == alg
    keys = KeySet.import_key_set(get(world, "/oauth/jwks").json)
    assert jws.deserialize_compact(tokens["id_token"], keys, algorithms=[alg]).payload


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 15.1")
def test_rs256_is_the_default(on: Stage) -> None:
    header = part(on.tokens()["id_token"], 0)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_without_openid_there_is_none(on: Stage) -> None:
    assert "id_token" not in on.tokens(scope="orders:read")
    assert "id_token" not in machine(on.world).machine().json


@pytest.mark.rfc("OpenID Connect Core section 12.2")
def test_a_refresh_does_not_claim_a_new_authentication(on: Stage) -> None:
    tokens = on.tokens()
    on.world.clock.move(minutes=5)
    renewed = on.party.refresh(tokens["refresh_token"]).json
    if "id_token" in renewed:
        before, after = part(tokens["id_token"], 1), part(renewed["id_token"], 1)
        for claim in ("iss", "sub", "aud", "azp", "auth_time"):
            assert after[claim] == before[claim]
        assert "nonce" not in after


@pytest.mark.rfc("OpenID Connect Core section 2")
def test_the_sub_of_a_person_is_the_same_for_every_client(on: Stage) -> None:
    other = Stage(on.world, on.tenant, on.person, on.world.client(on.tenant))
    subjects = {part(one.tokens()["id_token"], 1)["sub"] for one in (on, other)}
    assert subjects == {on.person.id}


@pytest.mark.rfc("OpenID Connect Core section 5.7")
@pytest.mark.rfc("OpenID Connect Core section 2")
def test_people_with_the_same_address_in_two_tenants_are_two_subjects(world: World) -> None:
    email = "same@example.com"
    subjects = set()
    for _ in range(2):
        tenant = world.tenant()
        on = Stage(world, tenant, world.user(tenant, email=email), world.client(tenant))
        claims = part(on.tokens()["id_token"], 1)
        subjects.add(claims["sub"])
        assert claims["tenant_id"] == tenant.id
    assert len(subjects) == 2


@pytest.mark.rfc("OpenID Connect Core section 2")
def test_a_tenants_issuer_signs_with_its_own_key(world: World) -> None:
    on = tenant_stage(world)
    token = on.tokens()["id_token"]
    assert part(token, 1)["iss"] == f"{ISSUER}{on.prefix}"
    kid = part(token, 0)["kid"]
    own = {key["kid"] for key in get(world, f"{on.prefix}/oauth/jwks").json["keys"]}
    platform = {key["kid"] for key in get(world, "/oauth/jwks").json["keys"]}
    assert kid in own
    assert kid not in platform
