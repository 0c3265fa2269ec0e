"""The keys that sign checkpoints: made, followed by others, and published with their times.

They are not the keys of tokens. Each but the first is signed by the one before, so that whoever
trusts one of them can follow to the newest.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from authserver.audit.checkpoints.models import TrailKey
from authserver.audit.checkpoints.reading import newest_of
from authserver.audit.checkpoints.signing import (
    ALGORITHMS,
    ED25519,
    ML_DSA_65,
    Signer,
    Verifier,
    new_signer,
)
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import DecryptionError, Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class PublicKey:
    """A key as it is published. `cross_signature` is by the key `signed_by`, over `statement`."""

    id: str
    verifier: Verifier
    signs_from: datetime
    signs_until: datetime | None
    signed_by: str | None
    cross_signature: bytes | None

    @property
    def statement(self) -> bytes:
        """Return what the key before signs: no note begins like this, names have no spaces."""
        return _statement(self.verifier, self.signs_from)

    def signs_at(self, moment: datetime) -> bool:
        """Tell whether it signs at a moment."""
        return self.signs_from <= moment and (self.signs_until is None or moment < self.signs_until)


class TrailKeys:
    """Makes, rotates and reads the keys."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        trail: Trail,
        clock: Clock,
        origin: str,
        post_quantum: bool,
        owner: Callable[[Transaction], str],
    ) -> None:
        """Take the name of a first key, and in whose trail it stands that there are keys.

        A log keeps its name: later keys have that of the first, whatever `origin` is then.
        """
        self._keyring = keyring
        self._trail = trail
        self._clock = clock
        self._origin = origin
        self._algorithms = (ED25519, ML_DSA_65) if post_quantum else (ED25519,)
        self.owner = owner

    def origin(self, transaction: Transaction) -> str:
        """Return the log's name."""
        rows = _rows(transaction)
        return rows[0].origin if rows else self._origin

    def signers(self, transaction: Transaction) -> list[Signer]:
        """Return what signs now, Ed25519 first; makes what is missing."""
        self._ensure(transaction)
        rows = {row.algorithm: row for row in _rows(transaction) if row.signs_until is None}
        return [self._signer(rows[one]) for one in (ED25519, ML_DSA_65) if one in rows]

    def rotate(self, transaction: Transaction, actor: Actor) -> list[PublicKey]:
        """Let new keys take over now, each signed by the one before; return all keys."""
        self._ensure(transaction)
        current = [row for row in _rows(transaction) if row.signs_until is None]
        start = max(self._next_moment(transaction), *(row.signs_from for row in current))
        for row in current:
            row.signs_until = start
            self._make(transaction, row.algorithm, signs_from=start, before=row)
        self._record(transaction, actor, sorted(row.algorithm for row in current))
        return self.published(transaction)

    def published(self, transaction: Transaction) -> list[PublicKey]:
        """Return every key there ever was, the oldest first."""
        return [_public(row) for row in _rows(transaction)]

    def own(self, transaction: Transaction) -> list[PublicKey]:
        """Return the keys whose private half is here under the master key.

        Whoever can only write to the database cannot add to them.
        """
        return [_public(row) for row in _rows(transaction) if self._is_own(row)]

    def _is_own(self, row: TrailKey) -> bool:
        try:
            private = self._keyring.decrypt(row.private_key, _place(row.id))
        except DecryptionError:
            return False
        return ALGORITHMS[row.algorithm].public_of(private) == row.public_key

    def _ensure(self, transaction: Transaction) -> None:
        rows = _rows(transaction)
        signing = {row.algorithm: row for row in rows if row.signs_until is None}
        missing = [one for one in self._algorithms if one not in signing]
        for algorithm in missing:
            last = signing.get(ED25519) or next(iter(signing.values()), None)
            start = self._next_moment(transaction)
            made = self._make(transaction, algorithm, signs_from=start, before=last)
            signing[algorithm] = made
        if missing:
            owner = self.owner(transaction)
            self._record(transaction, Actor(ActorKind.SYSTEM, owner, new_id("cor")), missing)

    def _next_moment(self, transaction: Transaction) -> datetime:
        """Return when the next checkpoint can be: a clock may be behind the newest."""
        newest, now = newest_of(transaction), self._clock.now()
        return max(now, newest.at + _MOMENT) if newest else now

    def _make(
        self,
        transaction: Transaction,
        algorithm: str,
        *,
        signs_from: datetime,
        before: TrailKey | None,
    ) -> TrailKey:
        signer = new_signer(before.origin if before else self._origin, algorithm)
        key_id = new_id("tky")
        statement = _statement(signer.verifier, signs_from)
        row = TrailKey(
            id=key_id,
            origin=signer.verifier.name,
            algorithm=algorithm,
            public_key=signer.verifier.public_key,
            private_key=self._keyring.encrypt(signer.private_key, _place(key_id)),
            signs_from=signs_from,
            signed_by=before.id if before else None,
            cross_signature=self._signer(before).signature(statement) if before else None,
        )
        transaction.platform().add(row)
        transaction.platform().flush()
        return row

    def _record(self, transaction: Transaction, actor: Actor, algorithms: Sequence[str]) -> None:
        event = Event(
            EventType.TRAIL_KEYS_ROTATED,
            self.owner(transaction),
            actor,
            resource="trail keys",
            facts={"algorithms": list(algorithms)},
        )
        self._trail.record(transaction, event)

    def _signer(self, row: TrailKey) -> Signer:
        private = self._keyring.decrypt(row.private_key, _place(row.id))
        return Signer(Verifier(row.origin, row.algorithm, row.public_key), private)


def _rows(transaction: Transaction) -> list[TrailKey]:
    query = select(TrailKey).order_by(TrailKey.signs_from, TrailKey.id)
    return list(transaction.platform().scalars(query))


def _public(row: TrailKey) -> PublicKey:
    return PublicKey(
        row.id,
        Verifier(row.origin, row.algorithm, row.public_key),
        row.signs_from,
        row.signs_until,
        row.signed_by,
        row.cross_signature,
    )


def _statement(verifier: Verifier, signs_from: datetime) -> bytes:
    return (
        f"authserver trail key\n{verifier.name}\n{verifier.algorithm}\n"
        f"{b64encode(verifier.public_key).decode()}\n{signs_from.isoformat()}\n"
    ).encode()


def _place(key_id: str) -> Place:
    return Place("audit_keys", "private_key", key_id)
