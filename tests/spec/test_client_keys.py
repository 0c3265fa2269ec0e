"""Keys that clients publish (jwks_uri), and assertions by a secret (client_secret_jwt)."""

from typing import Any

import pytest

from authserver.clients.options import Options
from tests.spec.assertions import KeyPair, assertion, authenticate, claims_of, hmac_signed
from tests.spec.tools import error_of, get
from tests.support.registering import OutThere, policy, published, somewhere
from tests.support.world import ClientFixture, TenantFixture, World

INVALID_CLIENT = (401, "invalid_client")


def keys_of(*keys: KeyPair) -> dict[str, Any]:
    return {"keys": [key.public for key in keys]}


def by_reference(world: World, out: OutThere, *keys: KeyPair, **options: Any) -> ClientFixture:
    url = out.put(somewhere("/jwks"), keys_of(*keys))
    return world.client(
        world.tenant(),
        "service",
        auth_method="private_key_jwt",
        options=Options(jwks_uri=url, **options),
    )


def url_of(world: World, client: ClientFixture) -> str:
    found = world.services.caches.clients.get(client.id)
    assert found is not None
    return str(found.options.jwks_uri)


@pytest.mark.every_database
@pytest.mark.rfc("OIDC-CORE section 10.1.1")
def test_keys_are_read_once_and_again_when_a_new_one_signs(world: World) -> None:
    with published(world) as out:
        old, new = KeyPair(), KeyPair()
        client = by_reference(world, out, old)
        for _ in range(3):
            assert authenticate(world, assertion(world, old, client.id)).status_code == 200
        assert len(out.asked) == 1
        out.put(url_of(world, client), keys_of(new))
        assert authenticate(world, assertion(world, new, client.id)).status_code == 200
        assert len(out.asked) == 2
        assert error_of(authenticate(world, assertion(world, old, client.id))) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_an_unknown_key_has_them_read_a_few_times_a_minute_at_most(world: World) -> None:
    with published(world) as out:
        key = KeyPair()
        client = by_reference(world, out, key)
        for _ in range(30):
            jwt = assertion(world, KeyPair(), client.id)
            assert error_of(authenticate(world, jwt)) == INVALID_CLIENT
        assert len(out.asked) <= 10
        assert authenticate(world, assertion(world, key, client.id)).status_code == 200


def test_keys_are_kept_while_their_server_is_down_but_not_for_ever(world: World) -> None:
    with published(world) as out:
        key = KeyPair()
        client = by_reference(world, out, key)
        assert authenticate(world, assertion(world, key, client.id)).status_code == 200
        out.documents.clear()
        world.clock.move(minutes=30)
        assert authenticate(world, assertion(world, key, client.id)).status_code == 200
        world.clock.move(minutes=31)
        assert error_of(authenticate(world, assertion(world, key, client.id))) == INVALID_CLIENT


@pytest.mark.attack("ATK-098")
@pytest.mark.parametrize(
    "document",
    [b"<html>", b"{}", b"[]", b'{"keys": 1}', b'{"keys": [1, {"kty": "oct", "k": "AAAA"}]}'],
)
def test_what_is_no_key_set_authenticates_nobody(world: World, document: bytes) -> None:
    with published(world) as out:
        client = by_reference(world, out, KeyPair())
        out.put(url_of(world, client), document)
        assert error_of(authenticate(world, assertion(world, KeyPair(), client.id))) == (
            INVALID_CLIENT
        )
        forged = hmac_signed({"alg": "HS256"}, claims_of(world, client.id), b"\0" * 3)
        assert error_of(authenticate(world, forged)) == INVALID_CLIENT


def test_keys_for_others_beside_ours_are_passed_over(world: World) -> None:
    with published(world) as out:
        key = KeyPair()
        client = by_reference(world, out, key)
        strange: list[object] = [
            {"kty": "EC", "crv": "secp256k1"}, {"kty": "RSA", "alg": "RS1"}, "x",
        ]  # fmt: skip
        out.put(url_of(world, client), {"keys": [*strange, key.public]})
        assert authenticate(world, assertion(world, key, client.id)).status_code == 200


@pytest.mark.bcp("R-29")
def test_the_registered_algorithm_is_the_only_one(world: World) -> None:
    ec, rsa = KeyPair("ES256"), KeyPair("RS256")
    client = world.client(
        world.tenant(),
        "service",
        auth_method="private_key_jwt",
        jwks=keys_of(ec, rsa),
        options=Options(token_endpoint_auth_signing_alg="RS256"),
    )
    assert authenticate(world, assertion(world, rsa, client.id)).status_code == 200
    assert error_of(authenticate(world, assertion(world, ec, client.id))) == INVALID_CLIENT


@pytest.fixture(name="secretive")
def _secretive(world: World) -> TenantFixture:
    """A tenant that allows client_secret_jwt."""
    tenant = world.tenant(own_issuer=True)
    policy(world, tenant, client_secret_jwt=True)
    return tenant


def by_secret(world: World, tenant: TenantFixture, alg: str | None = None) -> ClientFixture:
    return world.client(
        tenant,
        "service",
        auth_method="client_secret_jwt",
        options=Options(token_endpoint_auth_signing_alg=alg),
    )


def signed(world: World, client: ClientFixture, alg: str = "HS256", **claims: Any) -> str:
    secret = str(client.secret).encode()
    return hmac_signed({"alg": alg}, claims_of(world, client.id, **claims), secret)


@pytest.mark.rfc("OIDC-CORE section 9")
def test_a_secret_signs_where_the_tenant_allows_it(world: World, secretive: TenantFixture) -> None:
    client = by_secret(world, secretive)
    jwt = signed(world, client)
    assert authenticate(world, jwt).status_code == 200
    assert error_of(authenticate(world, jwt)) == INVALID_CLIENT, "an assertion is good once"
    wrong = ClientFixture(client.id, "cs_" + "A" * 43, secretive)
    assert error_of(authenticate(world, signed(world, wrong))) == INVALID_CLIENT
    for alg in ("HS512", "none", "hs256"):
        assert error_of(authenticate(world, signed(world, client, alg))) == INVALID_CLIENT
    for claims in ({"aud": "https://evil.test"}, {"exp": 1}, {"jti": None}, {"iss": "x"}):
        assert error_of(authenticate(world, signed(world, client, **claims))) == INVALID_CLIENT
    plain = {"client_id": client.id, "client_secret": client.secret}
    answer = world.app.test_client().post(
        "/oauth/token", base_url="https://auth.example",
        data={"grant_type": "client_credentials", **plain},
    )  # fmt: skip
    assert error_of(answer) == INVALID_CLIENT, "the registered method alone"


@pytest.mark.rfc("OIDC-CORE section 9")
def test_what_a_tenant_does_not_allow_any_more_ends(world: World, secretive: TenantFixture) -> None:
    client = by_secret(world, secretive, "HS256")
    assert authenticate(world, signed(world, client)).status_code == 200
    policy(world, secretive, client_secret_jwt=False)
    assert error_of(authenticate(world, signed(world, client))) == INVALID_CLIENT


@pytest.mark.attack("ATK-098")
def test_a_public_key_is_no_secret(world: World) -> None:
    """HS256 under the client's own public key, for a client of private_key_jwt."""
    key = KeyPair("RS256")
    client = world.client(
        world.tenant(), "service", auth_method="private_key_jwt", jwks=keys_of(key)
    )
    for secret in (key.public["n"].encode(), b"", key.key.header("JWT")):
        forged = hmac_signed({"alg": "HS256"}, claims_of(world, client.id), secret)
        assert error_of(authenticate(world, forged)) == INVALID_CLIENT


@pytest.mark.bcp("R-36")
def test_the_method_is_published_where_it_is_allowed(
    world: World, secretive: TenantFixture
) -> None:
    document = "/.well-known/openid-configuration"
    named = "token_endpoint_auth_methods_supported"
    there = get(world, f"/t/{secretive.slug}{document}").json
    assert "client_secret_jwt" in there[named]
    assert "HS256" in there["token_endpoint_auth_signing_alg_values_supported"]
    assert "client_secret_jwt" not in get(world, document).json[named]
