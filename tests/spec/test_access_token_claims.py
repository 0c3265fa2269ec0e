"""Access tokens: RFC 9068, product.md section 2. Exactly these claims and no others."""

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from tests.spec.tools import API, OTHER_API, Stage, get, machine, part, stage
from tests.support.browser import ISSUER
from tests.support.world import World

COMMON = {
    *("iss", "sub", "aud", "client_id", "scope", "jti", "iat", "exp"),
    *("tenant_id", "tenant", "tenant_type"),
}
PERSON = COMMON | {"auth_time", "acr", "amr", "sid", "roles"}


@pytest.mark.any_database
@pytest.mark.rfc("RFC 9068 section 2.2")
def test_a_persons_token_says_exactly_this(on: Stage) -> None:
    claims = part(on.tokens(scope="openid profile email orders:read")["access_token"], 1)
    now = int(on.world.clock.now().timestamp())
    assert set(claims) == PERSON
    assert claims["iss"] == ISSUER
    assert claims["sub"] == on.person.id
    assert claims["aud"] == ISSUER
    assert claims["client_id"] == on.client.id
    assert claims["scope"] == "openid profile email orders:read"
    assert (claims["iat"], claims["exp"]) == (now, now + 900)
    assert claims["auth_time"] == now
    assert claims["acr"] == "urn:authserver:acr:password"
    assert claims["amr"] == ["pwd"]
    assert claims["sid"].startswith("ses_")
    assert claims["tenant_id"] == on.tenant.id
    assert claims["tenant"] == on.tenant.slug
    assert claims["tenant_type"] == "customer"
    assert claims["roles"] == ["admin"]


@pytest.mark.any_database
@pytest.mark.rfc("RFC 9068 section 2.2")
@pytest.mark.parametrize("kind", ["service", "partner"])
def test_a_machines_token_says_exactly_this(world: World, kind: str) -> None:
    party = machine(world, kind)
    claims = part(party.machine().json["access_token"], 1)
    assert set(claims) == COMMON
    assert claims["sub"] == claims["client_id"] == party.client.id
    assert claims["scope"] == "orders:read orders:write"
    assert (claims["tenant_id"], claims["tenant"]) == (
        party.client.tenant.id,
        party.client.tenant.slug,
    )


@pytest.mark.rfc("RFC 9068 section 2.2.3")
@pytest.mark.parametrize(
    "roles", [(), ("customer_viewer",), ("admin", "FINANCE_ANALYST", "NOC_OPERATOR")]
)
def test_roles_are_a_list_of_names_even_when_empty(world: World, roles: tuple[str, ...]) -> None:
    tenant = world.tenant()
    on = Stage(world, tenant, world.user(tenant, *roles), world.client(tenant))
    assert sorted(part(on.tokens()["access_token"], 1)["roles"]) == sorted(roles)


@pytest.mark.parametrize("kind", ["customer", "partner", "internal"])
def test_the_tenant_type_is_the_tenants(world: World, kind: str) -> None:
    tenant = world.tenant(kind)
    on = Stage(world, tenant, world.user(tenant), world.client(tenant))
    assert part(on.tokens()["access_token"], 1)["tenant_type"] == kind


@pytest.mark.any_database
@pytest.mark.rfc("RFC 9068 section 2.1")
@pytest.mark.parametrize("alg", ["ES256", "ES384", "RS256", "PS256", "EdDSA"])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_the_header_names_type_algorithm_and_a_published_key(world: World, alg: str) -> None:
    token = machine(world, access_token_alg=alg).machine().json["access_token"]
    header = part(token, 0)
    assert set(header) == {"alg", "kid", "typ"}
    assert (header["typ"], header["alg"]) == ("at+jwt", alg)
    keys = KeySet.import_key_set(get(world, "/oauth/jwks").json)
    assert jws.deserialize_compact(token, keys, algorithms=[alg]).payload


@pytest.mark.every_database
def test_es256_is_the_default(on: Stage) -> None:
    assert part(on.tokens()["access_token"], 0)["alg"] == "ES256"
    assert part(machine(on.world).machine().json["access_token"], 0)["alg"] == "ES256"


@pytest.mark.rfc("RFC 9068 section 3")
def test_one_audience_is_a_string_and_several_are_a_list(world: World) -> None:
    party = machine(world, audiences=[API, OTHER_API])
    assert part(party.machine(resource=API).json["access_token"], 1)["aud"] == API
    both = party.machine(resource=[API, OTHER_API]).json["access_token"]
    assert part(both, 1)["aud"] == [API, OTHER_API]


@pytest.mark.rfc("RFC 9068 section 2.2")
def test_no_personal_data_travels_in_an_access_token(on: Stage) -> None:
    claims = part(on.tokens()["access_token"], 1)
    assert on.person.email not in str(claims)
    assert "Ada" not in str(claims)


@pytest.mark.rfc("RFC 9068 section 2.2.1")
def test_a_refreshed_token_keeps_when_and_how_the_person_signed_in(world: World) -> None:
    on = stage(world)
    tokens = on.tokens()
    world.clock.move(hours=1)
    first = part(tokens["access_token"], 1)
    second = part(on.party.refresh(tokens["refresh_token"]).json["access_token"], 1)
    for claim in ("auth_time", "acr", "amr", "sid", "sub", "client_id", "aud", "scope"):
        assert first[claim] == second[claim], claim
    assert second["iat"] - first["iat"] == 3600
    assert second["jti"] != first["jti"]
