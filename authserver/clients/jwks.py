"""Which public keys a client may register. Values in, decision out."""

import re
from collections.abc import Mapping
from typing import cast

from authserver.clients.policy import (
    ENCRYPTION_ALGORITHMS,
    SIGNING_ALGORITHMS,
    UnfitRegistration,
)
from authserver.core.said import said

_MAX_KEYS = 10
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_POINTS = {"P-256": ("x", "y"), "P-384": ("x", "y"), "Ed25519": ("x",)}
_RSA_2048 = 342  # characters of base64url
_RSA_8192 = 1366


def check_jwks(document: object) -> dict[str, object]:
    """Return a key set (RFC 7517 section 5) of public keys, nothing else in it.

    Raises UnfitRegistration, also for a private key: the server must never have seen it.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= _MAX_KEYS:
        raise UnfitRegistration(
            said(
                "A key set has 'keys': a list of 1 to %(max_keys)s public keys.", max_keys=_MAX_KEYS
            )
        )
    names = [_check_key(key) for key in keys]
    if len(keys) > 1 and len(set(names) - {None}) < len(keys):
        raise UnfitRegistration("Each key of a set needs a 'kid' of its own.")
    return {"keys": keys}


def _check_key(key: object) -> object:
    if not isinstance(key, dict):
        raise UnfitRegistration("A key is a JSON object.")
    if not _PRIVATE.isdisjoint(key):
        raise UnfitRegistration("This is a private or secret key: register the public one.")
    _check_use(key.get("use", "sig"), key.get("alg"))
    if not _has_material(cast("Mapping[str, object]", key)):
        raise UnfitRegistration("A key is EC P-256 or P-384, Ed25519, or RSA of 2048 bits or more.")
    return key.get("kid")


def _check_use(use: object, alg: object) -> None:
    known = {"sig": SIGNING_ALGORITHMS, "enc": ENCRYPTION_ALGORITHMS}.get(str(use))
    if known is None:
        raise UnfitRegistration("The 'use' of a key is sig or enc.")
    if alg is not None and alg not in known:
        raise UnfitRegistration(
            said("The 'alg' of such a key is one of %(known)s.", known=", ".join(known))
        )


def _has_material(key: Mapping[str, object]) -> bool:
    if key.get("kty") == "RSA":
        modulus = key.get("n")
        return _encoded(modulus, _RSA_2048, _RSA_8192) and _encoded(key.get("e"), 1, 8)
    points = _POINTS.get(str(key.get("crv")), ())
    kty = "OKP" if len(points) == 1 else "EC"
    return bool(points) and key.get("kty") == kty and all(_encoded(key.get(p)) for p in points)


def _encoded(value: object, shortest: int = 40, longest: int = 70) -> bool:
    return (
        isinstance(value, str)
        and shortest <= len(value) <= longest
        and _BASE64URL.fullmatch(value) is not None
    )


def usable_keys(document: object) -> dict[str, list[Mapping[str, object]]]:
    """Return those keys of a published set that could be registered; the rest is passed over.

    A client may publish keys for others beside those for us.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    usable = [key for key in keys if _is_usable(key)] if isinstance(keys, list) else []
    return {"keys": usable[:_MAX_KEYS]}


def _is_usable(key: object) -> bool:
    try:
        _check_key(key)
    except UnfitRegistration:
        return False
    return True
