"""Refresh tokens: rotated exactly once; reuse revokes the family (RFC 9700 section 4.14.2).

One winner under any concurrency: the next generation of a family can be inserted once. Who comes
second within the grace time with the immediate parent of an unused leaf gets the winner's very
answer, which is stored encrypted under a key that only the presented token gives. Anything later is
reuse.
"""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple

from authserver.core.crypto import DecryptionError, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.tokens import statements
from authserver.tokens.authorization import Confirmation, TokenSet
from authserver.tokens.families import Family, family_of

PURPOSE = "refresh_token"


class Standing(Enum):
    """What a presented refresh token is good for."""

    ACTIVE = auto()
    JUST_USED = auto()
    REUSED = auto()
    EXPIRED = auto()


class Presented(NamedTuple):
    """The row of a presented token, and its family while everything that it depends on is good."""

    tenant_id: str
    family_id: str
    user_id: str
    client_id: str
    issuer: str
    generation: int
    used_at: datetime | None
    expires_at: datetime
    answer: bytes | None
    successor_used_at: datetime | None
    family: Family | None
    family_since: datetime

    def within(self, longest: timedelta) -> "Presented":
        """Return it with the end that a family has which may live so long, where that is sooner."""
        family = self.family
        if family is None or (ends := self.family_since + longest) >= family.sign_in.expires_at:
            return self
        sign_in = family.sign_in._replace(expires_at=ends)
        sooner = min(self.expires_at, ends)
        return self._replace(expires_at=sooner, family=family._replace(sign_in=sign_in))

    def standing(self, now: datetime, grace: timedelta) -> Standing:
        """Judge by the times in the row. The grace time is never extended."""
        if self.used_at is None:
            return Standing.ACTIVE if now < self.expires_at else Standing.EXPIRED
        fresh = now - self.used_at <= grace and self.successor_used_at is None
        return Standing.JUST_USED if fresh and self.answer else Standing.REUSED


def find(transaction: Transaction, token: str, now: datetime) -> Presented | None:
    """Look a presented token up by its hash."""
    wanted = {"token_hash": fingerprint(token, PURPOSE), "now": now}
    row = transaction.row(statements.REFRESH_TOKEN, wanted)
    if row is None:
        return None
    return Presented(
        tenant_id=row["tenant_id"],
        family_id=row["family_id"],
        user_id=row["user_id"],
        client_id=row["client_id"],
        issuer=row["issuer"],
        generation=row["generation"],
        used_at=row["used_at"],
        expires_at=row["token_expires_at"],
        answer=row["answer"],
        successor_used_at=row["successor_used_at"],
        family=family_of(row, now) if row["live"] else None,
        family_since=row["family_since"],
    )


def begin(
    transaction: Transaction,
    token: str,
    *,
    tenant_id: str,
    family_id: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Store the first token of a family by its hash."""
    transaction.insert_at_commit(
        statements.INSERT_REFRESH_TOKEN,
        {
            "token_hash": fingerprint(token, PURPOSE),
            "tenant_id": tenant_id,
            "family_id": family_id,
            "generation": 0,
            "created_at": now,
            "expires_at": expires_at,
        },
    )


class Successor(NamedTuple):
    """What a presented token is exchanged for, what that is bound to, and when it ends."""

    tokens: TokenSet
    bound_to: Confirmation | None
    expires_at: datetime


def rotate(
    transaction: Transaction,
    presented: Presented,
    token: str,
    *,
    successor: Successor,
    now: datetime,
) -> bool:
    """Give the presented token its successor; False when it has one, or may have none any more.

    The family, its person, client, tenants and session are checked in the same statement.
    """
    tokens, bound_to = successor.tokens, successor.bound_to
    if tokens.refresh_token is None:
        raise ValueError("a rotation has a successor")
    values = {
        "of_family": presented.family_id,
        "new_token_hash": fingerprint(tokens.refresh_token, PURPOSE),
        "new_generation": presented.generation + 1,
        "new_answer": seal(_answer_key(token), tokens.body, _context(presented, bound_to)),
        "new_created_at": now,
        "new_expires_at": successor.expires_at,
    }
    return transaction.change(statements.ROTATE_REFRESH_TOKEN, values) == 1


def stored_answer(presented: Presented, token: str, bound_to: Confirmation | None) -> bytes | None:
    """Return the answer that the presented token's first use gave; None to another key.

    What the first use was bound to is part of what the answer is encrypted for.
    """
    if presented.answer is None:
        raise ValueError("the token was not used")
    try:
        return unseal(_answer_key(token), presented.answer, _context(presented, bound_to))
    except DecryptionError:
        return None


def _answer_key(token: str) -> bytes:
    # The token is 256 random bits: one hash of it, for a purpose of its own, is a key.
    return fingerprint(token, "refresh answer")


def _context(presented: Presented, bound_to: Confirmation | None) -> bytes:
    bound = f" {bound_to.stored}" if bound_to else ""
    return f"{presented.family_id}{bound}".encode()
