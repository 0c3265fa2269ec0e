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
from authserver.core.jose import OwnTokens, SigningKey, generate_private_key
from authserver.tenants.service import instance_of
from authserver.tokens.models import SigningKey as SigningKeyRow

ACCESS_TOKEN = "at+jwt"  # noqa: S105  RFC 9068 section 2.1
ID_TOKEN = "JWT"  # noqa: S105  OpenID Connect's ID tokens
JWKS_MAX_AGE = timedelta(minutes=5)
CLOCK_SKEW = timedelta(minutes=1)
DEFAULT_ALGORITHMS = ("ES256", "RS256")


@dataclass(frozen=True)
class IssuerKey:
    """One key with its calendar."""

    key: SigningKey
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None

    def state(self, now: datetime) -> str:
        """Return next, active, retiring or retired."""
        if self.published_until is not None and now >= self.published_until:
            return "retired"
        if self.signs_until is not None and now >= self.signs_until:
            return "retiring"
        return "active" if now >= self.signs_from else "next"


class IssuerKeys:
    """The keys of one issuer, loaded."""

    def __init__(self, keys: Iterable[IssuerKey]) -> None:
        """Take every key that is not retired for good."""
        self.keys = tuple(keys)
        self._readers: dict[tuple[str, tuple[str, ...]], OwnTokens] = {}

    def signing(self, alg: str, now: datetime) -> SigningKey:
        """Return the key that signs with an algorithm now."""
        active = [k for k in self.keys if k.key.alg == alg and k.state(now) == "active"]
        if not active:
            raise LookupError(f"no active {alg} key")
        return max(active, key=lambda k: k.signs_from).key

    def published(self, now: datetime) -> list[SigningKey]:
        """Return the keys of the JWKS document."""
        return [k.key for k in self.keys if k.state(now) != "retired"]

    def algorithms(self) -> list[str]:
        """Return the algorithms this issuer can sign with."""
        return sorted({k.key.alg for k in self.keys})

    def reader(self, typ: str, now: datetime) -> OwnTokens:
        """Return what reads our tokens of a type back."""
        published = self.published(now)
        name = (typ, tuple(key.kid for key in published))
        if name not in self._readers:
            self._readers[name] = OwnTokens(published, typ)
        return self._readers[name]


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
            return IssuerKeys(self._open(row) for row in self._rows(view, issuer_tenant_id))

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
