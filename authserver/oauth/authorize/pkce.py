"""PKCE, S256 only (RFC 7636)."""

import hashlib
import re

from authserver.core.crypto import same
from authserver.core.values.base64url import base64url

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}\Z")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def is_challenge(text: str) -> bool:
    """Tell whether the text can be the S256 of a verifier."""
    return _CHALLENGE.match(text) is not None


def is_verifier(text: str) -> bool:
    """Tell whether the text has a verifier's length and alphabet (section 4.1)."""
    return _VERIFIER.match(text) is not None


def matches(verifier: str, challenge: str) -> bool:
    """Compare in constant time (section 4.6)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return same(base64url(digest), challenge.encode())
