"""User codes: eight letters that nobody takes for others (RFC 8628 section 6.1).

Without vowels, so that they are no words, and without digits. 20^8 of them are 34 bits: enough for
some minutes where wrong ones are counted, and too few for a bare hash, so that the hash is keyed.
"""

import hmac
import secrets
from collections.abc import Sequence

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
_HALF = LENGTH // 2
_PURPOSE = b"user_code\0"


def new_user_code() -> str:
    """Return a new code without its hyphen."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """Return a code as people read it: WDJB-MJHT."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def typed(text: str) -> str | None:
    """Return the code that somebody typed, None where it cannot be one.

    Case, hyphens and spaces are theirs.
    """
    code = "".join(text.split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def hashes(code: str, keys: Sequence[bytes]) -> list[bytes]:
    """Return what a code is stored under: by the active key first, then by older ones."""
    return [hmac.digest(key, _PURPOSE + code.encode(), "sha256") for key in keys]
