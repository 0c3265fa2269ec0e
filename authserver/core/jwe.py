"""Encryption to the keys of others: compact JWE (RFC 7516), written only, never read.

The recipient registered which algorithms; the key is theirs. Nothing is compressed, no key is
shared, and no algorithm comes from a message: this server decrypts no JWE at all.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import orjson
from jwcrypto.common import JWException
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

_RSA = frozenset({"RSA-OAEP", "RSA-OAEP-256"})
_CURVES = frozenset({"P-256", "P-384", "P-521"})


class NoEncryptionKey(Exception):  # noqa: N818  what is the matter
    """The recipient has no key that fits. The text is for the log."""


def encrypt(
    plaintext: bytes, keys: Mapping[str, object], *, alg: str, enc: str, cty: str | None = None
) -> str:
    """Return a compact JWE to the recipient's key for `alg`, the first of their set that fits.

    `cty` says what is inside: "JWT" for a signed token (RFC 7519 section 5.2). Raises
    NoEncryptionKey.
    """
    key = _fitting(keys, alg)
    header = {"alg": alg, "enc": enc}
    header |= {"cty": cty} if cty else {}
    header |= {"kid": str(key["kid"])} if "kid" in key else {}
    try:
        recipient = JWK(**{**key, "kty": key["kty"]})
        sealed = JWE(plaintext, orjson.dumps(header).decode(), algs=[alg, enc])
        sealed.add_recipient(recipient)
    except (JWException, ValueError, TypeError) as error:
        raise NoEncryptionKey(str(error) or type(error).__name__) from error
    return cast("str", sealed.serialize(compact=True))


def _fitting(keys: Mapping[str, object], alg: str) -> Mapping[str, Any]:
    held = keys.get("keys")
    for key in cast("Iterable[object]", held if isinstance(held, list) else ()):
        if isinstance(key, dict) and _fits(key, alg):
            return key
    raise NoEncryptionKey(f"no key for {alg}")


def _fits(key: Mapping[str, object], alg: str) -> bool:
    if key.get("use", "enc") != "enc" or key.get("alg", alg) != alg:
        return False
    if alg in _RSA:
        return key.get("kty") == "RSA"
    return key.get("kty") == "EC" and key.get("crv") in _CURVES
