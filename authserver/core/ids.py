"""Identifiers and secrets.

An identifier says what it names (`usr_01jd...`): an id of another type is refused on sight, sorts
by creation and is never reused. The form is a TypeID: prefix, underscore, UUIDv7 in base 32, with
the fraction of the millisecond behind the milliseconds (RFC 9562 section 6.2, method 3).

Short random values are fetched from the operating system many at a time: each call to it gives the
interpreter's lock away, and other threads wake up for nothing. Secrets are fetched one by one: what
waits here waits in memory.
"""

import hashlib
import os
import secrets
import time

from authserver.core.values.base64url import base64url

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_LETTERS = frozenset(_ALPHABET)
_SUFFIX_LENGTH = 26
LONGEST = 16
_AT_ONCE = 256

_waiting: list[bytes] = []
# A child must not give out what its parent does.
os.register_at_fork(after_in_child=_waiting.clear)


def random_bytes(count: int) -> bytes:
    """Return at most 16 bytes of the operating system that are given out to nobody else."""
    if not 0 < count <= LONGEST:
        raise ValueError(f"between 1 and {LONGEST} bytes")
    while True:
        try:
            return _waiting.pop()[:count]  # one step of the interpreter: two threads never share
        except IndexError:
            fetched = os.urandom(LONGEST * _AT_ONCE)
            _waiting.extend(fetched[at : at + LONGEST] for at in range(0, len(fetched), LONGEST))


def new_id(prefix: str) -> str:
    """Return a new identifier of the kind that `prefix` names."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    random = int.from_bytes(random_bytes(8), "big") >> 2
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random
    return f"{prefix}_{_base32(value)}"


def _base32(value: int) -> str:
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])


def is_id(text: str, prefix: str) -> bool:
    """Tell whether `text` has the form of an identifier of this kind."""
    head, _, suffix = text.partition("_")
    return head == prefix and len(suffix) == _SUFFIX_LENGTH and _LETTERS.issuperset(suffix)


def new_nonce() -> str:
    """Return 96 random bits in base64url, 16 characters: unique, not secret."""
    return base64url(random_bytes(12)).decode()


def new_secret() -> str:
    """Return 256 random bits in base64url, 43 characters."""
    return base64url(secrets.token_bytes(32)).decode()


def fingerprint(secret: str, purpose: str) -> bytes:
    """Return the SHA-256 under which a 256-bit secret is stored and looked up.

    The purpose is part of the hash, so that a value issued for one use is unknown to every other.
    """
    return hashlib.sha256(f"{purpose}\0{secret}".encode()).digest()
