"""Signing keys of each issuer: made, published, signing, retired, by the times in their rows.

A key is next until `signs_from`, active until `signs_until`, retiring until `published_until`,
then retired. The state is read off the clock, so no job has to run for a rotation to happen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Database, Transaction
from authserver.core.jose import SigningKey, generate_private_key
from authserver.tenants.service import instance_of
from authserver.tokens.calendar import IssuerKey, IssuerKeys
from authserver.tokens.models import SigningKey as SigningKeyRow

JWKS_MAX_AGE = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=1)
DEFAULT_ALGORITHMS = ("ES256", "RS256")


@dataclass(frozen=True)
class _NewKey:
    issuer_tenant_id: str | None
    alg: str
    signs_from: datetime


class KeyService:
    """Makes and rotates keys, and loads them for the cache."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        trail: Trail,
        clock: Clock,
        publish: timedelta,
        longest_token: timedelta,
    ) -> None:
        """Take how long a key is published before it signs, and the longest life of a token."""
        self._keyring = keyring
        self._trail = trail
        self._clock = clock
        self._publish = publish
        self._linger = longest_token + JWKS_MAX_AGE + CLOCK_SKEW
        self._loaded: dict[str, SigningKey] = {}

    def ensure(
        self,
        transaction: Transaction,
        issuer_tenant_id: str | None,
        actor: Actor,
        *,
        algorithms: Iterable[str] = DEFAULT_ALGORITHMS,
    ) -> list[str]:
        """Let each algorithm have a key that signs now; return the keys that begin to.

        One that is published for later begins at once, else one is made: nobody relies on another
        key of the algorithm meanwhile, and resource servers refetch when they meet an unknown kid.
        """
        now = self._clock.now()
        rows = self._rows(transaction, issuer_tenant_id)
        signing = {row.alg for row in rows if _signs(row, now)}
        waiting = {row.alg: row for row in reversed(rows) if row.signs_from > now}
        begun = []
        for alg in algorithms:
            if alg in signing:
                continue
            if alg in waiting:
                waiting[alg].signs_from = now
                self._record_rotation(
                    transaction, actor, issuer_tenant_id, algorithms={alg}, start=now
                )
                begun.append(waiting[alg].id)
            else:
                begun.append(self._create(transaction, actor, _NewKey(issuer_tenant_id, alg, now)))
        return begun

    def rotate(
        self,
        transaction: Transaction,
        issuer_tenant_id: str | None,
        actor: Actor,
        *,
        algorithms: Iterable[str] | None = None,
        at_once: bool = False,
    ) -> list[str]:
        """Publish a successor of each active key; it signs after the publishing time.

        `at_once` is for a compromised key: resource servers refetch when they meet an unknown kid.
        """
        now = self._clock.now()
        start = now if at_once else now + self._publish
        rows = [r for r in self._rows(transaction, issuer_tenant_id) if r.signs_until is None]
        wanted = set(algorithms) if algorithms is not None else {row.alg for row in rows}
        for row in rows:
            if row.alg in wanted:
                row.signs_until = start
                row.published_until = start + self._linger
        self._record_rotation(transaction, actor, issuer_tenant_id, algorithms=wanted, start=start)
        return [
            self._create(transaction, actor, _NewKey(issuer_tenant_id, alg, start))
            for alg in sorted(wanted)
        ]

    def load(self, database: Database, issuer_tenant_id: str | None) -> IssuerKeys:
        """Read and decrypt the keys of an issuer."""
        with database.read() as view:
            return self.of(view, issuer_tenant_id)

    def of(self, transaction: Transaction, issuer_tenant_id: str | None) -> IssuerKeys:
        """Return the keys of an issuer as they are in a transaction."""
        return IssuerKeys(self._open(row) for row in self._rows(transaction, issuer_tenant_id))

    def _create(self, transaction: Transaction, actor: Actor, new: "_NewKey") -> str:
        private = generate_private_key(new.alg)
        key = SigningKey(private, new.alg)
        transaction.platform().add(
            SigningKeyRow(
                id=key.kid,
                issuer_tenant_id=new.issuer_tenant_id,
                alg=new.alg,
                public_jwk=key.public_jwk,
                private_key=self._keyring.encrypt(private, _place(key.kid)),
                created_at=self._clock.now(),
                signs_from=new.signs_from,
            )
        )
        event = Event(
            EventType.KEY_CREATED,
            _owner(transaction, new.issuer_tenant_id),
            actor,
            resource=f"key:{key.kid}",
            facts={"alg": new.alg, "issuer": new.issuer_tenant_id},
        )
        self._trail.record(transaction, event)
        return key.kid

    def _record_rotation(
        self,
        transaction: Transaction,
        actor: Actor,
        issuer_tenant_id: str | None,
        *,
        algorithms: Iterable[str],
        start: datetime,
    ) -> None:
        event = Event(
            EventType.KEYS_ROTATED,
            _owner(transaction, issuer_tenant_id),
            actor,
            resource="keys",
            facts={"algorithms": sorted(algorithms), "issuer": issuer_tenant_id, "from": start},
        )
        self._trail.record(transaction, event)

    def _rows(self, transaction: Transaction, issuer_tenant_id: str | None) -> list[SigningKeyRow]:
        query = select(SigningKeyRow).where(SigningKeyRow.issuer_tenant_id == issuer_tenant_id)
        return list(transaction.platform().scalars(query.order_by(SigningKeyRow.signs_from)))

    def _open(self, row: SigningKeyRow) -> IssuerKey:
        if row.id not in self._loaded:
            private = self._keyring.decrypt(row.private_key, _place(row.id))
            self._loaded[row.id] = SigningKey(private, row.alg)
        return IssuerKey(
            self._loaded[row.id],
            row.created_at,
            row.signs_from,
            row.signs_until,
            row.published_until,
        )


def _signs(row: SigningKeyRow, now: datetime) -> bool:
    return row.signs_from <= now and (row.signs_until is None or now < row.signs_until)


def _owner(transaction: Transaction, issuer_tenant_id: str | None) -> str:
    """Return in whose trail the keys of an issuer stand, whoever caused a change."""
    return issuer_tenant_id or instance_of(transaction)


def _place(kid: str) -> Place:
    return Place("signing_keys", "private_key", kid)
