"""Identifiers and secrets.

An identifier says what it names (`usr_01jd...`): an id of another type is refused on sight, sorts
by creation and is never reused. The form is a TypeID: prefix, underscore, UUIDv7 in base 32.
"""

import hashlib
import os
import secrets
import time
from base64 import urlsafe_b64encode

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_LETTERS = frozenset(_ALPHABET)
_SUFFIX_LENGTH = 26


def new_id(prefix: str) -> str:
    """Return a new identifier of the kind that `prefix` names."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return f"{prefix}_{_base32(value)}"


def _base32(value: int) -> str:
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])


def is_id(text: str, prefix: str) -> bool:
    """Tell whether `text` has the form of an identifier of this kind."""
    head, _, suffix = text.partition("_")
    return head == prefix and len(suffix) == _SUFFIX_LENGTH and _LETTERS.issuperset(suffix)


def new_secret() -> str:
    """Return 256 random bits in base64url, 43 characters."""
    return urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def fingerprint(secret: str, purpose: str) -> bytes:
    """Return the SHA-256 under which a 256-bit secret is stored and looked up.

    The purpose is part of the hash, so that a value issued for one use is unknown to every other.
    """
    return hashlib.sha256(f"{purpose}\0{secret}".encode()).digest()
