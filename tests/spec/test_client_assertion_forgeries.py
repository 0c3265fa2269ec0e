"""Client assertions that somebody else made: algorithms, headers, keys, garbage (RFC 8725)."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.spec.assertions import (
    KeyPair,
    assertion,
    authenticate,
    claims_of,
    hmac_signed,
    registered,
)
from tests.spec.tools import encode, error_of
from tests.support.world import World

INVALID_CLIENT = (401, "invalid_client")
LONE_SURROGATE = b'{"sub": "\\ud800"}'


@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_an_unsigned_assertion_is_refused(world: World, alg: str) -> None:
    key = KeyPair()
    client = registered(world, key)
    body = encode(claims_of(world, client.id))
    for header in ({"alg": alg}, {"alg": alg, "kid": key.public["kid"]}):
        for signature in ("", "AA", encode(b"x" * 64)):
            jwt = f"{encode(header)}.{body}.{signature}"
            assert error_of(authenticate(world, jwt)) == INVALID_CLIENT


@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512", "ES256", "RS256"])
def test_the_public_key_is_not_a_secret_to_sign_with(world: World, alg: str) -> None:
    key = KeyPair("RS256")
    client = registered(world, key)
    public = key.key.public_key
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        key.public["n"].encode(),
        client.id.encode(),
        b"",
    ):
        jwt = hmac_signed(
            {"alg": alg, "kid": key.public["kid"]}, claims_of(world, client.id), secret
        )
        assert error_of(authenticate(world, jwt)) == INVALID_CLIENT


@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": "own"},
        {"jku": "https://evil.test/jwks"},
        {"x5u": "https://evil.test/cert"},
        {"x5c": ["MIIB"]},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"alg": "PS256"},
        {"alg": "ES384"},
        {"alg": ["ES256"]},
        {"alg": None},
        {"kid": "unknown"},
        {"kid": ["x"]},
        {"kid": {"a": 1}},
        {"kid": "../../etc/passwd"},
    ],
)
def test_a_header_never_brings_or_chooses_a_key(world: World, extra: dict[str, Any]) -> None:
    key, attacker = KeyPair(), KeyPair()
    client = registered(world, key)
    extra = {"jwk": attacker.public} if extra == {"jwk": "own"} else extra
    for signer in (key, attacker):
        header = {"alg": "ES256", "kid": key.public["kid"], **extra}
        jwt = signer.sign(header, claims_of(world, client.id))
        assert error_of(authenticate(world, jwt)) == INVALID_CLIENT


@pytest.mark.every_database
@pytest.mark.bcp("R-29")
def test_the_key_of_another_client_is_refused(world: World) -> None:
    mine, theirs = KeyPair(), KeyPair()
    registered(world, mine)
    victim = registered(world, theirs)
    assert error_of(authenticate(world, assertion(world, mine, victim.id))) == INVALID_CLIENT
    jwt = assertion(world, mine, victim.id)
    assert error_of(authenticate(world, jwt, client_id=victim.id)) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
def test_the_client_id_of_the_form_and_the_assertion_must_agree(world: World) -> None:
    key = KeyPair()
    one, two = registered(world, key), registered(world, key)
    for jwt_for, form in ((one, two), (two, one)):
        jwt = assertion(world, key, jwt_for.id)
        assert error_of(authenticate(world, jwt, client_id=form.id)) == INVALID_CLIENT


@pytest.mark.rfc("OpenID Connect Core section 9")
@pytest.mark.bcp("R-29")
def test_only_the_registered_method_works(world: World) -> None:
    key = KeyPair()
    by_secret = world.client(world.tenant(), "service")
    assert error_of(authenticate(world, assertion(world, key, by_secret.id))) == INVALID_CLIENT
    secret_jwt = hmac_signed(
        {"alg": "HS256"}, claims_of(world, by_secret.id), by_secret.secret.encode()
    )
    assert error_of(authenticate(world, secret_jwt)) == INVALID_CLIENT
    spa = world.client(world.tenant(), "spa")
    assert error_of(authenticate(world, assertion(world, key, spa.id))) == INVALID_CLIENT


@pytest.mark.bcp("R-29")
@pytest.mark.parametrize(
    "kind", ["", "jwt", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"]
)
def test_the_assertion_type_is_needed(world: World, kind: str) -> None:
    key = KeyPair()
    client = registered(world, key)
    jwt = assertion(world, key, client.id)
    answer = authenticate(world, jwt, client_assertion_type=kind)
    assert answer.status_code in {400, 401}
    assert authenticate(world, jwt).status_code == 200, "it was not used up"


@pytest.mark.any_database
@pytest.mark.bcp("R-29")
@pytest.mark.parametrize(
    "garbage",
    [
        *("", "x", "..", "a.b.c", "a.b", "a.b.c.d.e", "eyJ.eyJ.x", "é.é.é", "." * 30),
        f"{encode({'alg': 'ES256'})}.{encode([])}.x",
        f"{encode({'alg': 'ES256'})}.{encode('text')}.x",
        f"{encode([])}.{encode({})}.x",
        f"{encode({'alg': 'ES256'})}.{encode(b'{')}.x",
        f"{encode({'alg': 'ES256'})}.{encode(b'[' * 5000)}.x",
        f"{encode({'alg': 'ES256'})}.{encode({'sub': 'x' * 20000})}.x",
        f"{encode({'alg': 'ES256'})}.{encode({'sub': 'cli_' + chr(0)})}.x",
        f"{encode({'alg': 'ES256'})}.{encode(LONE_SURROGATE)}.x",
        f"{encode({'alg': 'ES256'})}.{encode({'sub': {'$ne': 1}})}.x",
        f"{encode({'alg': 'ES256'})}.{encode({'sub': 'x' * 3000})}.x",
    ],
)
def test_garbage_is_refused_and_breaks_nothing(world: World, garbage: str) -> None:
    assert error_of(authenticate(world, garbage)) == INVALID_CLIENT


@pytest.mark.every_database
@pytest.mark.bcp("R-29")
def test_an_odd_jti_breaks_nothing(world: World) -> None:
    key = KeyPair()
    client = registered(world, key)
    header = {"alg": "ES256", "kid": key.public["kid"]}
    odd = claims_of(world, client.id, jti="SURROGATE")
    body = json.dumps(odd).replace("SURROGATE", "\\ud800").encode()
    assert error_of(authenticate(world, key.sign(header, body))) == INVALID_CLIENT
    for jti in ("\x00", "é" * 500, "'; DROP TABLE clients; --"):
        jwt = assertion(world, key, client.id, jti=jti)
        assert authenticate(world, jwt).status_code in {200, 401}


@pytest.mark.bcp("R-29")
def test_a_private_or_symmetric_key_cannot_be_registered(world: World) -> None:
    for key in (
        {"kty": "oct", "k": "c2VjcmV0", "kid": "1"},
        {**KeyPair().public, "d": "AAAA"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    ):
        with pytest.raises(Exception, match=r"key|RSA"):
            world.client(
                world.tenant(), "service", auth_method="private_key_jwt", jwks={"keys": [key]}
            )
