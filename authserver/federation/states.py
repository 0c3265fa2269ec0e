"""Browsers that were sent to a provider: what they went for, bound, good once, ten minutes.

A row is found by a hash over the state, the browser's secret and the connection: a state that comes
from elsewhere finds none, so nothing has to be compared, and nothing can be forgotten to compare
(ATK-012, ATK-021). What the row holds opens only with the state and the secret together.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete

from authserver.core.crypto import derive, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_secret
from authserver.core.values.base64url import base64url
from authserver.federation.models import UpstreamRequest

LIFE = timedelta(minutes=10)
_PURPOSE = "upstream_request"
_LONGEST = 64  # characters; ours have 43


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
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    hashed = _hash(state, errand.connection_id, browser)
    content = {"errand": asdict(errand), "nonce": nonce, "verifier": verifier}
    row = UpstreamRequest(
        state_hash=hashed,
        connection_id=errand.connection_id,
        sealed=seal(_key(state, browser), orjson.dumps(content), hashed),
        created_at=now,
        expires_at=now + LIFE,
    )
    transaction.platform().add(row)
    return Sent(state, nonce, _challenge(verifier))


def claim(
    transaction: Transaction, state: str, connection_id: str, *, browser: str, now: datetime
) -> Returned | None:
    """Use a state up; None the second time, later, elsewhere, or at another connection."""
    if not state.isascii() or len(state) > _LONGEST:
        return None
    hashed = _hash(state, connection_id, browser)
    gone = (
        delete(UpstreamRequest)
        .where(UpstreamRequest.state_hash == hashed, UpstreamRequest.expires_at > now)
        .returning(UpstreamRequest.sealed)
        .execution_options(synchronize_session=False)
    )
    sealed = transaction.platform().scalar(gone)
    if sealed is None:
        return None
    content = orjson.loads(unseal(_key(state, browser), sealed, hashed))
    return Returned(_errand(content["errand"]), content["nonce"], content["verifier"])


def _hash(state: str, connection_id: str, browser: str) -> bytes:
    # An id and a secret of ours have no NUL: whatever a state holds, no two lists are the same.
    return fingerprint(f"{connection_id}\0{browser}\0{state}", _PURPOSE)


def _key(state: str, browser: str) -> bytes:
    return derive(f"{browser}\0{state}".encode(), _PURPOSE)


def _challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64url(digest).decode()


def _errand(stored: dict[str, Any]) -> Errand:
    return Errand(
        connection_id=stored["connection_id"],
        place=tuple((name, value) for name, value in stored["place"]),
        hop=stored["hop"],
        anew=stored["anew"],
        person=Person(**stored["person"]) if stored["person"] else None,
    )
