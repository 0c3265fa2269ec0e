"""What a key looks like: `cf_prod_`, 256 random bits, and a checksum, in letters and digits alone.

The checksum tells a typo without a look-up, and lets scanners of source code be sure. It covers the
prefix: a key of another installation is well formed and unknown.
"""

import re
import secrets
import string
from zlib import crc32

from authserver.core.ids import fingerprint

_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET, _CHECK = 43, 6  # characters: 62**43 is more than 2**256, 62**6 more than 2**32
MAX_PREFIX = 20
_PREFIX = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_SHAPE = re.compile(_PREFIX.pattern + rf"_[0-9A-Za-z]{{{_SECRET + _CHECK}}}")
_LONGEST = MAX_PREFIX + 1 + _SECRET + _CHECK
_PURPOSE = "api key"


def is_prefix(text: str) -> bool:
    """Tell whether keys can begin so."""
    return len(text) <= MAX_PREFIX and _PREFIX.fullmatch(text) is not None


def new_key(prefix: str) -> str:
    """Return a new key."""
    body = f"{prefix}_{_base62(secrets.randbits(256), _SECRET)}"
    return body + _checksum(body)


def is_key(text: str) -> bool:
    """Tell whether a credential means to be a key; no other credential looks like one."""
    return len(text) <= _LONGEST and _SHAPE.fullmatch(text) is not None


def is_whole(key: str) -> bool:
    """Tell whether the checksum fits: else it was mistyped, or cut and filled up."""
    return _checksum(key[:-_CHECK]) == key[-_CHECK:]


def hashed(key: str) -> bytes:
    """Return what a key is stored as and found by."""
    return fingerprint(key, _PURPOSE)


def hint(key: str) -> str:
    """Return what lists show, so that its owner knows it again: prefix and last characters."""
    return f"{key[: -_SECRET - _CHECK]}…{key[-4:]}"


def _checksum(body: str) -> str:
    return _base62(crc32(body.encode()), _CHECK)


def _base62(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(reversed(letters))
