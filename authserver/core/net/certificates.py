"""Certificates of clients, as a proxy that ended TLS hands them on in a header.

The proxy saw to it that whoever sent the certificate has its key; nothing else about it is proved.
How the header is written depends on the proxy, and not on us: DER in base64 between colons (RFC
9440 section 2.1) or without, or PEM, whose line ends are blanks or percent-encoded.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK

from authserver.core.values.base64url import base64url

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_LONGEST = 16 * 1024  # characters
_KEPT = 256


class InvalidCertificate(ValueError):  # noqa: N818  the plain words in it are the message
    """The header holds no certificate that can be read."""


@dataclass(frozen=True)
class Certificate:
    """A certificate whose key its sender has, with `x5t#S256` and the key's own (RFC 7638)."""

    parsed: x509.Certificate
    thumbprint: str
    key_thumbprint: str


@lru_cache(_KEPT)
def read_certificate(header: str) -> Certificate:
    """Return the one certificate in a header. Raises InvalidCertificate."""
    if len(header) > _LONGEST:
        raise InvalidCertificate("the certificate is too long")
    try:
        der = b64decode("".join(_armour_off(header).split()), validate=True)
        parsed = x509.load_der_x509_certificate(der)
        key = JWK.from_pyca(parsed.public_key())
    except (Base64Error, ValueError, UnsupportedAlgorithm, JWException) as error:
        raise InvalidCertificate("the certificate cannot be read") from error
    return Certificate(parsed, _thumbprint(der), key.thumbprint())


def _armour_off(header: str) -> str:
    text = (unquote(header) if "%" in header else header).strip()
    if text.startswith(_BEGIN) and text.endswith(_END):
        return text.removeprefix(_BEGIN).removesuffix(_END)
    if text.startswith(":") and text.endswith(":") and len(text) > 1:
        return text[1:-1]
    return text


def _thumbprint(der: bytes) -> str:
    """Return `x5t#S256` (RFC 8705 section 3.1)."""
    return base64url(sha256(der).digest()).decode()
