"""Browsers that were sent to a provider: what they went for, bound, good once, ten minutes."""

from dataclasses import dataclass, field
from datetime import datetime

from authserver.core.database.engine import Transaction


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in and connects another way in, and by which session."""

    tenant_id: str
    user_id: str
    session_id: str


@dataclass(frozen=True)
class Errand:
    """Why a browser is sent away: `place` and `hop` say to which sign-in it comes back.

    `anew`: the person has to prove it again there. `person` is set where somebody who is signed in
    connects another way in.
    """

    connection_id: str
    place: tuple[tuple[str, str], ...]
    hop: str
    anew: bool = False
    person: Person | None = None


@dataclass(frozen=True)
class Sent:
    """What the browser takes along."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_challenge: str


@dataclass(frozen=True)
class Returned:
    """What a browser was sent for that is back, and what the provider's answer is checked with."""

    errand: Errand
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)


def send(transaction: Transaction, errand: Errand, *, browser: str, now: datetime) -> Sent:
    """Remember that a browser is sent away. `browser` is the secret of its flow cookie."""
    raise NotImplementedError


def claim(
    transaction: Transaction, state: str, connection_id: str, *, browser: str, now: datetime
) -> Returned | None:
    """Use a state up; None the second time, later, elsewhere, or at another connection."""
    raise NotImplementedError
