"""Password hashes: bcrypt over base64(HMAC-SHA-256(pepper, NFC(password))).

The pre-hash keeps bcrypt from cutting at 72 bytes, and the pepper makes a stolen table worthless
alone. Whatever is asked, whether there is an account, a password or a usable hash, the same work is
done: the time tells nothing (ATK-095).
"""

import hmac
import os
import re
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import bcrypt

from authserver.core.hashing import HashingPool

MAX_LENGTH = 4096
_PREFIX = "hmac-bcrypt"
_FORM = re.compile(rf"({_PREFIX})?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{{53}})")
_CUT_AT = 72
_LOWEST_COST = 4
# A hash imported with a higher cost would be a way to keep a processor busy.
_HIGHEST_COST = 16
_NO_DIGEST = "." * 31


@dataclass(frozen=True)
class Verification:
    """Whether the password is right, and whether its hash should be made anew."""

    ok: bool
    needs_rehash: bool = False


@dataclass(frozen=True)
class _Stored:
    """A hash taken apart: `peppered` is our own form, the other an import from elsewhere."""

    peppered: bool
    bcrypt: str
    cost: int


class PasswordHasher:
    """Makes and verifies hashes. Slow on purpose: call it through `PooledHasher`."""

    def __init__(self, pepper: bytes | Callable[[], bytes], rounds: int) -> None:
        """Take the pepper, or what reads it once, and bcrypt's cost, the logarithm of its work."""
        self._pepper = cache(pepper if callable(pepper) else lambda: pepper)
        self._rounds = rounds
        # Nothing has this digest: it costs what a real hash costs, and never matches.
        self._dummy = _Stored(True, bcrypt.gensalt(rounds).decode() + _NO_DIGEST, rounds)

    def hash(self, password: str) -> str:
        """Return the hash to store. Raises ValueError above 4096 characters."""
        if len(password) > MAX_LENGTH:
            raise ValueError(f"a password has at most {MAX_LENGTH} characters")
        digest = bcrypt.hashpw(self._prehash(password), bcrypt.gensalt(self._rounds))
        return _PREFIX + digest.decode()

    def verify(self, password: str, stored: str | None) -> Verification:
        """Compare with a stored hash; None stands for no account or no password."""
        parsed = _parse(stored) if stored and len(password) <= MAX_LENGTH else None
        chosen = parsed or self._dummy
        matches = self._matches(password[:MAX_LENGTH], chosen)
        self._top_up(chosen.cost)
        if parsed is None or not matches:
            return Verification(ok=False)
        return Verification(True, not parsed.peppered or parsed.cost != self._rounds)

    def _matches(self, password: str, stored: _Stored) -> bool:
        plain = self._prehash(password) if stored.peppered else _encode(password)[:_CUT_AT]
        try:
            return bcrypt.checkpw(plain, stored.bcrypt.encode())
        except ValueError:
            return False

    def _top_up(self, cost: int) -> None:
        """Spend what a hash of lower cost saved: 2^c + 2^c + 2^(c+1) + ... = 2^rounds."""
        for missing in range(cost, self._rounds):
            bcrypt.hashpw(os.urandom(_CUT_AT), bcrypt.gensalt(missing))

    def _prehash(self, password: str) -> bytes:
        return b64encode(hmac.digest(self._pepper(), _encode(_normalise(password)), "sha256"))


class PooledHasher:
    """The hasher inside the bounded pool, so that sign-ins never starve everything else."""

    def __init__(self, hasher: PasswordHasher, pool: HashingPool) -> None:
        """Take what computes, and what bounds it."""
        self._hasher = hasher
        self._pool = pool

    def hash(self, password: str) -> str:
        """Return the hash to store. Raises Unavailable (503) when too many wait already."""
        return self._pool.run(lambda: self._hasher.hash(password))

    def verify(self, password: str, stored: str | None) -> Verification:
        """Compare with a stored hash. Raises Unavailable (503) when too many wait already."""
        return self._pool.run(lambda: self._hasher.verify(password, stored))


def _parse(stored: str) -> _Stored | None:
    form = _FORM.fullmatch(stored)
    if form is None or not _LOWEST_COST <= int(form[3]) <= _HIGHEST_COST:
        return None
    return _Stored(form[1] is not None, form[2], int(form[3]))


def _normalise(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _encode(password: str) -> bytes:
    # A lone surrogate can come in through JSON: it is a wrong character, not an accident.
    return password.encode("utf-8", "surrogatepass")
