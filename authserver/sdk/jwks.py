"""A key set (RFC 7517): which of its keys are fit to verify an access token, each for one alg."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey

from authserver.sdk.compact import base64url
from authserver.sdk.errors import FetchError, shown

_LOG = logging.getLogger(__name__)

# alg -> (kty, crv). What is not here does not exist: no HS*, no none, no SHA-1 (ATK-098, ATK-105).
ALGORITHMS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "RS256": ("RSA", None),
        "PS256": ("RSA", None),
        "EdDSA": ("OKP", "Ed25519"),
        "Ed25519": ("OKP", "Ed25519"),
    },
)
# For a key that does not name its algorithm: the one RFC 9068 and OpenID Connect take for granted.
_IMPLIED = MappingProxyType(
    {
        ("EC", "P-256"): "ES256",
        ("EC", "P-384"): "ES384",
        ("RSA", None): "RS256",
        ("OKP", "Ed25519"): "EdDSA",
    },
)
_MATERIAL = ("kty", "crv", "x", "y", "n", "e")
_THUMBPRINT = {
    "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n"),
}  # fmt: skip
_SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA_BITS = range(2048, 8193)
_MAX_EXPONENT_LENGTH = 8


class _OneAlgorithm(jws.JWSRegistry):
    """joserfc's registry without its two surprises: a default allow-list, and warnings per use.

    A proof's header holds a public key, which may be RSA of 8192 bits.
    """

    max_header_length = 4096

    def get_alg(self, name: str) -> JWSAlgModel:
        """Return the algorithm if it is the allowed one; raise ValueError otherwise."""
        if name not in (self.allowed or ()):
            raise ValueError(f"algorithm {shown(name)} is not this key's")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, tied to the one algorithm it verifies (RFC 8725 section 3.1)."""

    algorithm: str
    key: ECKey | OKPKey | RSAKey

    def verifies(self, token: str) -> bool:
        """Tell whether the signature of the compact JWS was made with this key and algorithm."""
        allowed = (self.algorithm,)
        registry = _OneAlgorithm(algorithms=allowed, strict_check_header=False)
        try:
            jws.deserialize_compact(token, self.key, algorithms=allowed, registry=registry)
        except (JoseError, ValueError, TypeError):
            return False
        return True


def read_key_set(document: Mapping[str, object]) -> dict[str, VerificationKey]:
    """Return the usable keys by their id; raise FetchError if this is no key set at all.

    Keys that are not usable here are passed over, as RFC 7517 section 5 asks: a set may hold keys
    for encryption or of kinds that are newer than this program.
    """
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise FetchError("the key set has no list of keys")
    keys: dict[str, VerificationKey] = {}
    for entry in entries:
        try:
            kid, key = _read_key(entry)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            _LOG.debug("key passed over: %s", shown(str(error)))
            continue
        keys.setdefault(kid, key)
    return keys


def _read_key(entry: object) -> tuple[str, VerificationKey]:
    if not isinstance(entry, dict):
        raise TypeError("not an object")
    kid = entry.get("kid")
    if not isinstance(kid, str) or not kid:
        raise ValueError("no kid")
    if "d" in entry or "k" in entry:
        # A published private key is everybody's key.
        raise ValueError("a secret key was published")
    if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
        raise ValueError("not for verification")
    return kid, VerificationKey(_key_algorithm(entry), _import(entry))


def read_proof_key(jwk: object, algorithm: object) -> tuple[VerificationKey, dict[str, str]]:
    """Return the public key that a proof brings along, and its members for a thumbprint.

    Raises ValueError, TypeError, KeyError or JoseError for whatever is no good public key.
    """
    if not isinstance(jwk, dict) or not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TypeError("no key, or no algorithm")
    if _SECRET & jwk.keys():
        raise ValueError("a secret key")
    kind = (jwk.get("kty"), jwk.get("crv"))
    if ALGORITHMS[algorithm] != kind or jwk.get("alg", algorithm) != algorithm:
        raise ValueError("alg and kind of key do not belong together")
    members = {name: jwk[name] for name in _THUMBPRINT[str(jwk["kty"])]}
    return VerificationKey(algorithm, _import(members)), members


def _key_algorithm(entry: Mapping[str, object]) -> str:
    kind = (entry.get("kty"), entry.get("crv"))
    implied = next((alg for known, alg in _IMPLIED.items() if known == kind), None)
    algorithm = entry.get("alg", implied)
    if not isinstance(algorithm, str) or ALGORITHMS.get(algorithm) != kind:
        raise ValueError("alg and kind of key do not belong together")
    return algorithm


def _import(entry: Mapping[str, object]) -> ECKey | OKPKey | RSAKey:
    # Only the key itself: x5u, x5c and friends in a key are somebody else's opinion.
    material = {name: entry[name] for name in _MATERIAL if name in entry}
    if not all(isinstance(value, str) for value in material.values()):
        raise TypeError("key material is not text")
    members: dict[str, str | list[str]] = {name: str(value) for name, value in material.items()}
    if members["kty"] == "EC":
        return ECKey.import_key(members)
    if members["kty"] == "OKP":
        return OKPKey.import_key(members)
    bits = int.from_bytes(base64url(str(members["n"])), "big").bit_length()
    if bits not in _RSA_BITS or len(members["e"]) > _MAX_EXPONENT_LENGTH:
        raise ValueError("RSA key of an unacceptable size")
    return RSAKey.import_key(members)
