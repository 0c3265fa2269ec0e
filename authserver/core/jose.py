"""JOSE, all of it: making keys, signing our tokens, reading them back, checking assertions.

Our own tokens are signed by hand with a header computed once, and read back only if that header
comes back byte for byte: no header ever chooses a key or an algorithm. What others sign (client
assertions) is verified by joserfc under an explicit list of algorithms.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key
from jwcrypto.jwk import JWK

from authserver.core.values.base64url import base64url

# RFC 9864 renames it; clients still sign with the name that RFC 8037 gave.
jws.JWSRegistry.algorithms["EdDSA"].security_warning = None

MAX_TOKEN = 16 * 1024
_REMEMBERED = 4096
# A public key and no more, in order (RFC 7638 section 3.2).
_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
_SECRET_DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_FORBIDDEN_HEADERS = {"jwk", "jku", "x5u", "x5c", "b64", "zip", "crit"}


class InvalidToken(Exception):  # noqa: N818  the field's name for it
    """The token is not one we may rely on. The text is for the log."""


def _ecdsa(size: int, digest: hashes.HashAlgorithm) -> "Algorithm":
    algorithm = ec.ECDSA(digest)

    def sign(key: Any, data: bytes) -> bytes:  # noqa: ANN401  the key's type belongs to the algorithm
        r, s = decode_dss_signature(key.sign(data, algorithm))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    def verify(key: Any, signature: bytes, data: bytes) -> None:  # noqa: ANN401
        if len(signature) != 2 * size:
            raise InvalidSignature
        halves = (int.from_bytes(signature[:size], "big"), int.from_bytes(signature[size:], "big"))
        key.verify(encode_dss_signature(*halves), data, algorithm)

    return Algorithm(sign, verify, digest)


def _rsa(pad: padding.AsymmetricPadding) -> "Algorithm":
    digest = hashes.SHA256()
    return Algorithm(
        lambda key, data: cast("bytes", key.sign(data, pad, digest)),
        lambda key, signature, data: key.verify(signature, data, pad, digest),
        digest,
    )


@dataclass(frozen=True)
class Algorithm:
    """How one JWS algorithm signs and verifies, and the hash it uses for at_hash."""

    sign: Callable[[Any, bytes], bytes]
    verify: Callable[[Any, bytes, bytes], None]
    digest: hashes.HashAlgorithm


ALGORITHMS: Mapping[str, Algorithm] = {
    "ES256": _ecdsa(32, hashes.SHA256()),
    "ES384": _ecdsa(48, hashes.SHA384()),
    "RS256": _rsa(padding.PKCS1v15()),
    "PS256": _rsa(padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
    "EdDSA": Algorithm(
        lambda key, data: cast("bytes", key.sign(data)),
        lambda key, signature, data: key.verify(signature, data),
        hashes.SHA512(),
    ),
}


def generate_private_key(alg: str) -> bytes:
    """Return a new private key for an algorithm of ALGORITHMS, as PKCS #8 DER."""
    key: Any
    if alg in {"RS256", "PS256"}:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif alg == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = ec.generate_private_key(ec.SECP256R1() if alg == "ES256" else ec.SECP384R1())
    return cast("bytes", key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


class SigningKey:
    """A private key with its headers computed once."""

    def __init__(self, private_key: bytes, alg: str) -> None:
        """Load PKCS #8 DER; costs milliseconds for RSA, so load once."""
        # Our keys come back from authenticated encryption: checking the primes again is 36 ms.
        key = load_der_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
        self._key: PrivateKeyTypes = key
        self._sign = ALGORITHMS[alg].sign
        self._headers: dict[str, bytes] = {}
        self.alg = alg
        self.public_key: PublicKeyTypes = key.public_key()
        self.public_jwk = _public_jwk(self.public_key, alg)
        self.kid = self.public_jwk["kid"]

    def header(self, typ: str) -> bytes:
        """Return the encoded header of our tokens of a type, always the same bytes."""
        if typ not in self._headers:
            document = {"alg": self.alg, "kid": self.kid, "typ": typ}
            self._headers[typ] = base64url(orjson.dumps(document))
        return self._headers[typ]

    def sign(self, typ: str, claims: Mapping[str, object]) -> str:
        """Return a compact JWS over the claims (RFC 7515 section 7.1)."""
        data = self.header(typ) + b"." + base64url(orjson.dumps(claims))
        return (data + b"." + base64url(self._sign(self._key, data))).decode()


class OwnTokens:
    """Reads tokens of one type back that these keys signed."""

    def __init__(self, keys: Iterable[SigningKey], typ: str) -> None:
        """Accept the keys' own headers and nothing else."""
        self._verifiers = {
            key.header(typ): (ALGORITHMS[key.alg].verify, key.public_key) for key in keys
        }
        self._verified: set[bytes] = set()

    def read(self, token: str) -> dict[str, Any]:
        """Return the claims of a token with a good signature; times are the caller's to check.

        A signature that was good stays good: the same token is not verified again. Only its hash
        is kept: thousands of tokens would be megabytes.
        """
        if len(token) > MAX_TOKEN or not token.isascii():
            raise InvalidToken("too long or not ASCII")
        given = token.encode()
        data, _, signature = given.rpartition(b".")
        digest = hashlib.sha256(given).digest()
        if digest not in self._verified:
            self._verify(data, signature)
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified.add(digest)
        return cast("dict[str, Any]", orjson.loads(_decode(data.partition(b".")[2])))

    def _verify(self, data: bytes, signature: bytes) -> None:
        header = data.partition(b".")[0]
        if header not in self._verifiers:
            raise InvalidToken("not a header of ours")
        verify, key = self._verifiers[header]
        try:
            verify(key, _decode(signature), data)
        except InvalidSignature as error:
            raise InvalidToken("signature") from error


def read_foreign(token: str, jwks: Mapping[str, object], algorithms: list[str]) -> dict[str, Any]:
    """Return the claims of a JWS that another party signed with a key of its set.

    Raises InvalidToken. Claims are not checked; headers that bring or name keys are refused.
    """
    if len(token) > MAX_TOKEN or token.count(".") != 2:  # noqa: PLR2004  a compact JWS has three parts
        raise InvalidToken("not a compact JWS of acceptable size")
    try:
        header = orjson.loads(_decode(token.partition(".")[0].encode()))
        if not isinstance(header, dict) or _FORBIDDEN_HEADERS & header.keys():
            raise InvalidToken("header")
        keys = KeySet.import_key_set(cast("Any", jwks))
        claims = orjson.loads(jws.deserialize_compact(token, keys, algorithms=algorithms).payload)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidToken(str(error) or type(error).__name__) from error
    if not isinstance(claims, dict):
        raise InvalidToken("claims are not an object")
    return claims


def read_self_signed(token: str, jwk: Mapping[str, Any], alg: str) -> dict[str, Any]:
    """Return the claims of a JWS whose header brings the key: whose it is, is for others to say.

    The caller took the key and the algorithm from the header and found them fit. Raises
    InvalidToken.
    """
    if (_FORBIDDEN_HEADERS - {"jwk"}) & unverified_header(token).keys():
        raise InvalidToken("header")
    try:
        key = import_key(cast("Any", _material(jwk)))
        claims = orjson.loads(jws.deserialize_compact(token, key, registry=_roomy(alg)).payload)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidToken(str(error) or type(error).__name__) from error
    if not isinstance(claims, dict):
        raise InvalidToken("claims are not an object")
    return claims


def _roomy(alg: str) -> jws.JWSRegistry:
    """Return a registry of one algorithm whose headers have room for an RSA key of 8192 bits."""
    registry = jws.JWSRegistry(algorithms=[alg])
    registry.max_header_length = 4096
    return registry


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of a public key (RFC 7638 section 3)."""
    return base64url(hashlib.sha256(orjson.dumps(_material(jwk))).digest()).decode()


def _material(jwk: Mapping[str, str]) -> dict[str, str]:
    return {name: jwk[name] for name in _MEMBERS[jwk["kty"]]}


def read_with_secret(
    token: str, secrets: Iterable[bytes], algorithms: Sequence[str]
) -> dict[str, Any]:
    """Return the claims of a JWS that a client signed with its own secret (RFC 7518 section 3.2).

    For client_secret_jwt alone: no public key ever comes here. Raises InvalidToken.
    """
    header, claims = unverified_header(token), unverified_claims(token)
    alg = str(header.get("alg"))
    if alg not in algorithms or _FORBIDDEN_HEADERS & header.keys():
        raise InvalidToken("header")
    data, _, signature = token.encode().rpartition(b".")
    wanted = _decode(signature)
    made = [hmac.digest(secret, data, _SECRET_DIGESTS[alg]) for secret in secrets]
    matches = [hmac.compare_digest(one, wanted) for one in made]
    if not any(matches):
        raise InvalidToken("signature")
    return claims


def unverified_claims(token: str) -> dict[str, Any]:
    """Return what a JWT claims, to find whose key must verify it. Raises InvalidToken."""
    return _unverified(token, 1, "claims")


def unverified_header(token: str) -> dict[str, Any]:
    """Return a JWT's header, to find the one key that may have signed it. Raises InvalidToken."""
    return _unverified(token, 0, "header")


def _unverified(token: str, part: int, name: str) -> dict[str, Any]:
    if len(token) > MAX_TOKEN or token.count(".") != 2:  # noqa: PLR2004  a compact JWS has three parts
        raise InvalidToken("not a compact JWS of acceptable size")
    try:
        read = orjson.loads(_decode(token.split(".")[part].encode()))
    except ValueError as error:
        raise InvalidToken(f"the {name} is not JSON") from error
    if not isinstance(read, dict):
        raise InvalidToken(f"the {name} is not an object")
    return read


def half_hash(alg: str, value: str) -> str:
    """Return at_hash or c_hash (OpenID Connect Core section 3.1.3.6)."""
    digest = hashes.Hash(ALGORITHMS[alg].digest)
    digest.update(value.encode())
    full = digest.finalize()
    return base64url(full[: len(full) // 2]).decode()


def _public_jwk(key: PublicKeyTypes, alg: str) -> dict[str, str]:
    jwk = JWK.from_pyca(key)
    members = cast("dict[str, str]", jwk.export_public(as_dict=True))
    return {**members, "kid": jwk.thumbprint(), "alg": alg, "use": "sig"}


def _decode(data: bytes) -> bytes:
    try:
        decoded = urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    except (Base64Error, ValueError) as error:
        raise InvalidToken("base64url") from error
    # Python's decoder skips what is not of the alphabet and ignores spare bits.
    if base64url(decoded) != data:
        raise InvalidToken("base64url is not canonical")
    return decoded
