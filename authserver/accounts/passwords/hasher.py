"""Password hashes: a slow hash over base64(HMAC-SHA-256(pepper, NFC(password))).

The pre-hash keeps bcrypt from cutting at 72 bytes, and the pepper makes a stolen table worthless
alone. Whatever is asked, whether there is an account, a password or a usable hash, the same work is
done: the time tells nothing (ATK-095). docs/security.md says where that ends for imported hashes.
"""

import hmac
import time
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from authserver.accounts.passwords.schemes import Bcrypt, Scheme, matches
from authserver.accounts.passwords.stored import BCRYPT, Stored, has_argon2, parse
from authserver.core.hashing import HashingPool

MAX_LENGTH = 4096


@dataclass(frozen=True)
class Verification:
    """Whether the password is right, and whether its hash should be made anew."""

    ok: bool
    needs_rehash: bool = False


class PasswordHasher:
    """Makes and verifies hashes. Slow on purpose: call it through `PooledHasher`."""

    def __init__(
        self,
        pepper: bytes | Callable[[], bytes],
        scheme: Scheme | int,
        *,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Take the pepper, or what reads it once, and a scheme, or bcrypt's cost."""
        self._pepper = cache(pepper if callable(pepper) else lambda: pepper)
        self._scheme = Bcrypt(scheme) if isinstance(scheme, int) else scheme
        self._timer = timer
        self._usual: float | None = None

    def hash(self, password: str) -> str:
        """Return the hash to store. Raises ValueError above 4096 characters."""
        if len(password) > MAX_LENGTH:
            raise ValueError(f"a password has at most {MAX_LENGTH} characters")
        return f"hmac-{self._scheme.algorithm}{self._scheme.make(self._prehash(password))}"

    def verify(self, password: str, stored: str | None) -> Verification:
        """Compare with a stored hash; None stands for no account or no password."""
        parsed = _usable(stored) if stored and len(password) <= MAX_LENGTH else None
        chosen = parsed or self._scheme.dummy
        right, share = self._compare(password[:MAX_LENGTH], chosen)
        self._scheme.spend(max(0.0, 1.0 - share))
        if parsed is None or not right:
            return Verification(ok=False)
        return Verification(True, needs_rehash=not self._is_todays(parsed))

    def _compare(self, password: str, stored: Stored) -> tuple[bool, float]:
        """Return whether it matches, and which part of today's work that took."""
        secret = self._prehash(password) if stored.peppered else _encode(password)
        started = self._timer()
        right = matches(secret, stored)
        took = self._timer() - started
        if stored.algorithm == self._scheme.algorithm:
            if stored.cost == self._scheme.dummy.cost:
                self._usual = min(took, self._usual or took)
            return right, self._scheme.share(stored.cost)
        # Nothing but a clock compares bcrypt with Argon2.
        return right, took / self._usual_time()

    def _usual_time(self) -> float:
        """Return the seconds of today's hash: the least that any took, others had to wait."""
        if self._usual is None:
            started = self._timer()
            matches(b"", self._scheme.dummy)
            self._usual = max(self._timer() - started, 1e-9)
        return self._usual

    def _is_todays(self, stored: Stored) -> bool:
        today = self._scheme.dummy
        return (stored.peppered, stored.algorithm, stored.cost) == (
            True,
            today.algorithm,
            today.cost,
        )

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


def _usable(stored: str) -> Stored | None:
    parsed = parse(stored)
    return parsed if parsed and (parsed.algorithm == BCRYPT or has_argon2()) else None


def _normalise(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _encode(password: str) -> bytes:
    # A lone surrogate can come in through JSON: it is a wrong character, not an accident.
    return password.encode("utf-8", "surrogatepass")
