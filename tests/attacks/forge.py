"""Tools to forge tokens with."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)

from authserver.core.jose import SigningKey
from tests.support.world import World


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def part(token: str, number: int) -> dict[str, Any]:
    return orjson.loads(urlsafe_b64decode(token.split(".")[number] + "=="))


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    return f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}.{b64(signature)}"


def server_keys(world: World) -> dict[str, SigningKey]:
    keys = world.services.caches.keys.get(None)
    return {alg: keys.at(world.clock.now()).signing(alg) for alg in ("ES256", "RS256")}


def public_forms(key: SigningKey) -> list[bytes]:
    """Return the public key in every form that somebody may have used as a secret."""
    public = key.public_key
    forms = [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)]
    forms += [(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)]
    forms += [(Encoding.OpenSSH, PublicFormat.OpenSSH)]
    encoded = [public.public_bytes(*form) for form in forms]
    return [*encoded, encoded[0].strip(), orjson.dumps(key.public_jwk), b"", b"\0" * 32]
