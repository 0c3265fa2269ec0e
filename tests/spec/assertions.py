"""Client assertions (RFC 7523), good and bad, signed by the test's own keys."""

import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization

from authserver.core.jose import ALGORITHMS, SigningKey, generate_private_key
from tests.spec.tools import encode, post
from tests.support.browser import ISSUER
from tests.support.world import ClientFixture, World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def _rsa_key() -> bytes:
    """One RSA key for all tests: making one takes as long as fifty of them."""
    return generate_private_key("RS256")


class KeyPair:
    """A client's key."""

    def __init__(self, alg: str = "ES256") -> None:
        rsa = alg in {"RS256", "PS256"}
        self.private = _rsa_key() if rsa else generate_private_key(alg)
        self.key = SigningKey(self.private, alg)
        self.alg = alg

    @property
    def public(self) -> dict[str, str]:
        return self.key.public_jwk

    def sign(self, header: dict[str, Any], claims: object) -> str:
        """Sign whatever it is, under whatever header."""
        loaded = serialization.load_der_private_key(self.private, None)
        data = f"{encode(header)}.{encode(claims)}"
        return f"{data}.{encode(ALGORITHMS[self.alg].sign(loaded, data.encode()))}"


def claims_of(world: World, client_id: str, **more: Any) -> dict[str, Any]:
    """Good claims; None takes one out."""
    now = int(world.clock.now().timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "jti": os.urandom(8).hex(),
        "iat": now,
        "exp": now + 60,
        **more,
    }
    return {name: value for name, value in claims.items() if value is not None}


def assertion(world: World, key: KeyPair, client_id: str, **more: Any) -> str:
    header = {"alg": key.alg, "kid": key.public["kid"]}
    return key.sign(header, claims_of(world, client_id, **more))


def hmac_signed(header: dict[str, Any], claims: object, secret: bytes) -> str:
    data = f"{encode(header)}.{encode(claims)}"
    return f"{data}.{encode(hmac.digest(secret, data.encode(), hashlib.sha256))}"


def registered(world: World, *keys: KeyPair, kind: str = "service", **more: Any) -> ClientFixture:
    jwks = {"keys": [key.public for key in keys]}
    tenant = more.pop("tenant", None) or world.tenant()
    return world.client(tenant, kind, auth_method="private_key_jwt", jwks=jwks, **more)


def authenticate(world: World, jwt: str, path: str = "/oauth/token", **form: Any) -> Any:
    data = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt,
        **form,
    }
    return post(world, path, {name: value for name, value in data.items() if value is not None})
