"""Challenges: 256 random bits, good for one answer, in one browser, for one thing, five minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_secret
from authserver.passkeys import statements

LIFE = timedelta(minutes=5)


class Purpose(StrEnum):
    """What the answer is for. One that was made for something else is unknown."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    SET_UP = "set_up"
    ADD = "add"


@dataclass(frozen=True)
class Bound:
    """What a challenge is bound to.

    `browser` is a secret of the browser's cookies, `place` the sign-in or session that it is for,
    `person` the account's id where that is known.
    """

    purpose: Purpose
    browser: str
    place: str
    person: str = ""


def issue(transaction: Transaction, bound: Bound, *, now: datetime) -> str:
    """Make a challenge and return it in base64url. Those that are over go."""
    challenge = new_secret()
    transaction.change(statements.FORGET_CHALLENGES, {"now": now})
    row = {"challenge_hash": _hash(challenge, bound), "expires_at": now + LIFE}
    transaction.insert_at_commit(statements.INSERT_CHALLENGE, row)
    return challenge


def claim(transaction: Transaction, challenge: str, bound: Bound, *, now: datetime) -> bool:
    """Use a challenge up; False the second time, later, or where it is bound to something else."""
    values = {"challenge_hash": _hash(challenge, bound), "now": now}
    return transaction.change(statements.CLAIM_CHALLENGE, values) == 1


def _hash(challenge: str, bound: Bound) -> bytes:
    # None of these has a NUL: they are ids and secrets in base64url.
    parts = ("passkey", bound.purpose.value, bound.browser, bound.place, bound.person)
    return fingerprint(challenge, "\0".join(parts))
