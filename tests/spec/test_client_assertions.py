"""private_key_jwt, and every way in which it must not work: RFC 7523 section 3, TOP-08, TOP-13."""

from typing import Any

import pytest

from tests.spec.assertions import (
    KeyPair,
    assertion,
    authenticate,
    claims_of,
    registered,
)
from tests.spec.tools import error_of, get, restarted
from tests.support.browser import ISSUER
from tests.support.world import World

INVALID_CLIENT = (401, "invalid_client")
LONE_SURROGATE = b'{"sub": "\\ud800"}'
FIVE_MINUTES = 300
SKEW = 30


@pytest.mark.rfc("RFC 7523 section 2.2")
@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["ES256", "ES384", "RS256", "PS256", "EdDSA"])
def test_every_published_algorithm_authenticates(world: World, alg: str) -> None:
    published = get(world, "/.well-known/openid-configuration").json
    assert alg in published["token_endpoint_auth_signing_alg_values_supported"]
    key = KeyPair(alg)
    client = registered(world, key)
    answer = authenticate(world, assertion(world, key, client.id))
    assert answer.status_code == 200, answer.text
    named = authenticate(world, assertion(world, key, client.id), client_id=client.id)
    assert named.status_code == 200


@pytest.mark.every_database
@pytest.mark.bcp("R-29")
def test_any_key_of_the_set_authenticates_by_its_kid(world: World) -> None:
    keys = [KeyPair("ES256"), KeyPair("ES256"), KeyPair("RS256")]
    client = registered(world, *keys)
    for key in keys:
        assert authenticate(world, assertion(world, key, client.id)).status_code == 200
    crossed = keys[0].sign(
        {"alg": "ES256", "kid": keys[1].public["kid"]}, claims_of(world, client.id)
    )
    assert error_of(authenticate(world, crossed)) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_an_assertion_authenticates_at_every_endpoint_that_says_so(world: World) -> None:
    key = KeyPair()
    client = registered(world, key)
    token = authenticate(world, assertion(world, key, client.id)).json["access_token"]
    jwt = assertion(world, key, client.id)
    said = authenticate(world, jwt, "/oauth/introspect", token=token)
    assert said.json["active"] is True
    jwt = assertion(world, key, client.id)
    assert authenticate(world, jwt, "/oauth/revoke", token=token).status_code == 200


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "no aud": {"aud": None},
    "aud of somebody else": {"aud": "https://evil.test"},
    "aud with a slash": {"aud": f"{ISSUER}/"},
    "aud in other case": {"aud": ISSUER.upper()},
    "aud of a prefix": {"aud": ISSUER[:-1]},
    "aud of a tenant's issuer": {"aud": f"{ISSUER}/t/acme"},
    "aud of two": {"aud": [ISSUER, "https://evil.test"]},
    "aud empty list": {"aud": []},
    "aud nested": {"aud": [[ISSUER]]},
    "aud object": {"aud": {"aud": ISSUER}},
    "no iss": {"iss": None},
    "no sub": {"sub": None},
    "iss of somebody else": {"iss": "cli_somebody"},
    "iss is the server": {"iss": ISSUER},
    "sub a number": {"sub": 1},
    "no jti": {"jti": None},
    "jti empty": {"jti": ""},
    "jti a number": {"jti": 7},
    "jti a list": {"jti": ["x"]},
    "no exp": {"exp": None},
    "exp text": {"exp": "9999999999"},
    "exp true": {"exp": True},
    "exp a list": {"exp": [9999999999]},
    "exp far": {"exp": 99999999999},
    "exp beyond floats": {"exp": 10**18},
    "exp zero": {"exp": 0},
    "exp negative": {"exp": -1},
    "nbf text": {"nbf": "now"},
    "iat text": {"iat": "now"},
}


@pytest.mark.rfc("RFC 7523 section 3.2")
@pytest.mark.rfc("RFC 7523 section 3")
@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("wrong", WRONG_CLAIMS)
def test_an_assertion_with_wrong_claims_is_refused(world: World, wrong: str) -> None:
    key = KeyPair()
    client = registered(world, key)
    jwt = assertion(world, key, client.id, **WRONG_CLAIMS[wrong])
    assert error_of(authenticate(world, jwt, client_id=client.id)) == INVALID_CLIENT


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-13")
@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize(
    ("claim", "offset", "status"),
    [
        ("exp", -FIVE_MINUTES, 401),
        ("exp", -SKEW - 1, 401),
        ("exp", 1, 200),
        ("exp", FIVE_MINUTES, 200),
        ("exp", FIVE_MINUTES + SKEW + 1, 401),
        ("exp", 3600, 401),
        ("nbf", -60, 200),
        ("nbf", 10, 200),
        ("iat", 10, 200),
        ("nbf", SKEW + 1, 401),
        ("iat", SKEW + 1, 401),
    ],
)
def test_the_times_of_an_assertion_are_bounded(
    world: World, claim: str, offset: int, status: int
) -> None:
    key = KeyPair()
    client = registered(world, key)
    at = int(world.clock.now().timestamp()) + offset
    jwt = assertion(world, key, client.id, **{claim: at})
    assert authenticate(world, jwt).status_code == status


@pytest.mark.rfc("RFC 7523 section 3")
@pytest.mark.bcp("R-29")
def test_an_assertion_is_good_once_for_as_long_as_it_lives(world: World) -> None:
    key = KeyPair()
    client = registered(world, key)
    jwt = assertion(world, key, client.id)
    assert authenticate(world, jwt).status_code == 200
    for seconds in (0, 30, 40):
        world.clock.move(seconds=seconds)
        assert error_of(authenticate(world, jwt)) == INVALID_CLIENT
        assert error_of(authenticate(world, jwt, "/oauth/revoke", token="x")) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_a_jti_is_good_once_whatever_else_changes(world: World) -> None:
    key = KeyPair()
    client = registered(world, key)
    assert authenticate(world, assertion(world, key, client.id, jti="one")).status_code == 200
    again = assertion(world, key, client.id, jti="one", more="claims")
    assert error_of(authenticate(world, again)) == INVALID_CLIENT
    with restarted(world) as other:
        again = assertion(world, key, client.id, jti="one", nbf=1)
        assert error_of(authenticate(other, again)) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_two_clients_may_use_the_same_jti(world: World) -> None:
    for _ in range(2):
        key = KeyPair()
        client = registered(world, key)
        jwt = assertion(world, key, client.id, jti="the same")
        assert authenticate(world, jwt).status_code == 200
