"""Refresh tokens: rotated exactly once; reuse revokes the family (RFC 9700 section 4.14.2).

One winner under any concurrency: the conditional update in `rotate`. Who comes second within the
grace time with the immediate parent of an unused leaf gets the winner's very answer, which is
stored encrypted under a key that only the presented token gives. Anything later is reuse.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from authserver.core.crypto import derive, pack, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.tokens import statements
from authserver.tokens.authorization import TokenSet
from authserver.tokens.families import Family, family_of

PURPOSE = "refresh_token"


class Standing(Enum):
    """What a presented refresh token is good for."""

    ACTIVE = auto()
    JUST_USED = auto()
    REUSED = auto()
    EXPIRED = auto()


@dataclass(frozen=True)
class Presented:
    """The row of a presented token, and its family while everything that it depends on is good."""

    id: str
    tenant_id: str
    family_id: str
    user_id: str
    client_id: str
    issuer: str
    used_at: datetime | None
    expires_at: datetime
    answer: bytes | None
    successor_used_at: datetime | None
    family: Family | None

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
        **{name: row[name] for name in _AS_STORED},
        expires_at=row["token_expires_at"],
        family=family_of(row) if row["live"] else None,
    )


_AS_STORED = (
    "id", "tenant_id", "family_id", "user_id", "client_id", "issuer", "used_at", "answer",
    "successor_used_at",
)  # fmt: skip


@dataclass(frozen=True)
class NewToken:
    """The row of a token that begins or continues a family."""

    id: str
    tenant_id: str
    family_id: str
    created_at: datetime
    expires_at: datetime


def store(transaction: Transaction, token: str, row: NewToken) -> None:
    """Store a token by its hash."""
    values = {**vars(row), "token_hash": fingerprint(token, PURPOSE)}
    transaction.insert_at_commit(statements.INSERT_REFRESH_TOKEN, values)


def rotate(
    transaction: Transaction,
    presented: Presented,
    token: str,
    *,
    successor: TokenSet,
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Replace the presented token by its successor; False when it is not ours to replace.

    The family, its person, client, tenants and session are checked in the same statement.
    """
    if successor.refresh_token is None:
        raise ValueError("a rotation has a successor")
    successor_id = new_id("rft")
    claimed = transaction.change(
        statements.CLAIM_REFRESH_TOKEN,
        {
            "token_id": presented.id,
            "of_family": presented.family_id,
            "now": now,
            "successor": successor_id,
            "sealed": seal(_answer_key(token), successor.body, pack(presented.id)),
        },
    )
    if not claimed:
        return False
    row = NewToken(successor_id, presented.tenant_id, presented.family_id, now, expires_at)
    store(transaction, successor.refresh_token, row)
    return True


def stored_answer(presented: Presented, token: str) -> bytes:
    """Return the answer that the presented token's first use gave."""
    if presented.answer is None:
        raise ValueError("the token was not used")
    return unseal(_answer_key(token), presented.answer, pack(presented.id))


def _answer_key(token: str) -> bytes:
    return derive(token.encode(), "refresh answer")
