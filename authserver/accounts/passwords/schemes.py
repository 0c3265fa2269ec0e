"""The two ways to hash: bcrypt, and Argon2id (RFC 9106) where the extra `argon2` is installed.

A scheme makes hashes of one cost, and can spend any part of that cost on nothing.
"""

import os
from typing import Protocol

import bcrypt

from authserver.accounts.passwords.stored import (
    ARGON2,
    BCRYPT,
    Argon2Cost,
    Stored,
    has_argon2,
)

# OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
OWASP = Argon2Cost(memory=19 * 1024, passes=2, lanes=1)
_CUT_AT = 72
_LOWEST_ROUNDS = 4
_SALT, _DIGEST = 16, 32
_NO_DIGEST = "." * 31
# 32 zero bytes: nobody finds what has this digest.
_NO_ARGON2_DIGEST = "A" * 43


class Scheme(Protocol):
    """How today's hashes are made."""

    @property
    def algorithm(self) -> str:
        """Return the name that stored hashes have."""

    @property
    def dummy(self) -> Stored:
        """Return a hash that costs what a real one costs, and never matches."""

    def make(self, secret: bytes) -> str:
        """Return the hash of a secret, with a new salt."""

    def share(self, cost: int | Argon2Cost) -> float:
        """Return the work of a hash of this algorithm, today's cost being 1."""

    def spend(self, share: float) -> None:
        """Do a part of the work of one hash, between 0 and 1, for nothing."""


class Bcrypt:
    """bcrypt at a cost: the logarithm of its work."""

    algorithm = BCRYPT

    def __init__(self, rounds: int) -> None:
        """Take the cost."""
        self._rounds = rounds
        self.dummy = Stored(BCRYPT, True, bcrypt.gensalt(rounds).decode() + _NO_DIGEST, rounds)

    def make(self, secret: bytes) -> str:
        """Return the hash of at most 72 bytes."""
        return bcrypt.hashpw(secret, bcrypt.gensalt(self._rounds)).decode()

    def share(self, cost: int | Argon2Cost) -> float:
        """Return the work: one round more is twice as much."""
        return 2.0 ** (cost - self._rounds) if isinstance(cost, int) else 1.0

    def spend(self, share: float) -> None:
        """Compute hashes of half, a quarter, an eighth ... of the work, as they fit."""
        for rounds in range(self._rounds - 1, _LOWEST_ROUNDS - 1, -1):
            part = self.share(rounds)
            if share >= part:
                bcrypt.hashpw(os.urandom(_CUT_AT), bcrypt.gensalt(rounds))
                share -= part


class Argon2id:
    """Argon2id at a cost of memory and passes."""

    algorithm = ARGON2

    def __init__(self, cost: Argon2Cost = OWASP) -> None:
        """Take the cost. Raises ModuleNotFoundError without the extra `argon2`."""
        from argon2 import low_level  # noqa: PLC0415  an extra

        self._argon2 = low_level
        self._cost = cost
        numbers = f"m={cost.memory},t={cost.passes},p={cost.lanes}"
        dummy = f"$argon2id$v=19${numbers}${'A' * 22}${_NO_ARGON2_DIGEST}"
        self.dummy = Stored(ARGON2, True, dummy, cost)

    def make(self, secret: bytes) -> str:
        """Return the hash in the PHC form."""
        return self._hash(secret, self._cost.memory)

    def share(self, cost: int | Argon2Cost) -> float:
        """Return the work: memory times passes."""
        return cost.work / self._cost.work if isinstance(cost, Argon2Cost) else 1.0

    def spend(self, share: float) -> None:
        """Compute a hash over as much less memory."""
        memory = int(share * self._cost.memory)
        if memory >= 8 * self._cost.lanes:
            self._hash(os.urandom(_DIGEST), memory)

    def _hash(self, secret: bytes, memory: int) -> str:
        made: bytes = self._argon2.hash_secret(
            secret,
            os.urandom(_SALT),
            time_cost=self._cost.passes,
            memory_cost=memory,
            parallelism=self._cost.lanes,
            hash_len=_DIGEST,
            type=self._argon2.Type.ID,
        )
        return made.decode()


def matches(secret: bytes, stored: Stored) -> bool:
    """Compare in constant time; what cannot be computed does not match."""
    if stored.algorithm == BCRYPT:
        return _matches_bcrypt(secret, stored.text)
    return _matches_argon2(secret, stored.text)


def _matches_bcrypt(secret: bytes, text: str) -> bool:
    try:
        # Whoever made an imported hash cut at 72 bytes; our own secrets have 44.
        return bcrypt.checkpw(secret[:_CUT_AT], text.encode())
    except ValueError:
        return False


def _matches_argon2(secret: bytes, text: str) -> bool:
    if not has_argon2():
        return False
    from argon2 import low_level  # noqa: PLC0415  an extra
    from argon2.exceptions import Argon2Error  # noqa: PLC0415

    kind = low_level.Type.ID if text.startswith("$argon2id$") else low_level.Type.I
    try:
        return low_level.verify_secret(text.encode(), secret, kind)
    except (Argon2Error, ValueError):
        return False
