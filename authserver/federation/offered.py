"""Identities that fit no account: whoever signs in at that hop of that browser may have them.

Bound to the hop, the browser, the connection and the identity itself, once, ten minutes (TOP-01,
ATK-005): the row holds the very answer of the provider, under a key that only the browser's cookie
gives. Nothing that a person types or sends names what is linked. A named platform service: nobody
knows yet whose it will be.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, EventType
from authserver.core.crypto import derive, pack, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.core.net.email import parse_email
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.federation import connections
from authserver.federation.connectors.base import Answer
from authserver.federation.identities import Identities
from authserver.federation.models import OfferedIdentity
from authserver.federation.values import Connection, Identity, Tokens
from authserver.mfa.notices import Reports
from authserver.mfa.partial import Hop

LIFE = timedelta(minutes=10)
_PURPOSE = "offered_identity"
_Row = OfferedIdentity


@dataclass(frozen=True)
class Offered:
    """What is offered, as pages show it."""

    id: str
    connection_label: str
    label: str


class Offers:
    """Keeps what was proved and fits no account, until somebody signs in there."""

    def __init__(self, identities: Identities, reports: Reports) -> None:
        """Take what links, and what tells the trail."""
        self._identities = identities
        self._reports = reports

    def make(
        self, transaction: Transaction, hop: Hop, answer: Answer, *, connection: Connection
    ) -> None:
        """Keep an answer for the hop, instead of any before."""
        offer_id, now = new_id("off"), self._reports.clock.now()
        row = _Row(
            id=offer_id,
            hop_hash=_hash(hop),
            connection_id=connection.id,
            sealed=seal(_key(hop), _packed(answer), _context(offer_id, connection.id)),
            created_at=now,
            expires_at=now + LIFE,
        )
        self.decline(transaction, hop)
        session = transaction.platform()
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # two tabs came back at the same moment: one of them is offered
            return

    def waiting(self, transaction: Transaction, hop: Hop, *, now: datetime) -> Offered | None:
        """Return what is offered at the hop, None where nothing is."""
        wanted = select(_Row).where(_Row.hop_hash == _hash(hop), _Row.expires_at > now)
        row = transaction.platform().scalar(wanted)
        connection = connections.find(transaction, row.connection_id) if row else None
        if row is None or connection is None:
            return None
        answer = _opened(hop, row.id, row.connection_id, sealed=row.sealed)
        return Offered(row.id, connection.label, answer.identity.label)

    def take(self, transaction: Transaction, hop: Hop, user: UserSnapshot, *, by: Actor) -> bool:
        """Link what is offered at the hop to whoever has just signed in there; single use.

        False where nothing is, or it cannot be linked to this account: then the trail says why, and
        the sign-in goes on.
        """
        gone = (
            delete(_Row)
            .where(_Row.hop_hash == _hash(hop), _Row.expires_at > self._reports.clock.now())
            .returning(_Row.id, _Row.connection_id, _Row.sealed)
            .execution_options(synchronize_session=False)
        )
        row = transaction.platform().execute(gone).first()
        if row is None:
            return False
        answer = _opened(hop, row.id, row.connection_id, sealed=row.sealed)
        try:
            self._link(transaction, user, answer, connection_id=row.connection_id, by=by)
        except (Conflict, NotFound, Refused) as problem:
            facts = {"connection": row.connection_id, "reason": problem.detail}
            self._reports.record(transaction, EventType.IDENTITY_REFUSED, user, by=by, facts=facts)
            return False
        return True

    def decline(self, transaction: Transaction, hop: Hop) -> None:
        """Forget what is offered at the hop."""
        mine = delete(_Row).where(_Row.hop_hash == _hash(hop))
        transaction.platform().execute(mine.execution_options(synchronize_session=False))

    def _link(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        answer: Answer,
        *,
        connection_id: str,
        by: Actor,
    ) -> None:
        connection = connections.find(transaction, connection_id)
        if connection is None:
            raise NotFound("There is no such connection.", detail="connection removed")
        self._identities.link(transaction, user, answer, connection=connection, by=by)


def _hash(hop: Hop) -> bytes:
    return fingerprint(f"{hop.pending_id}\0{hop.browser}", _PURPOSE)


def _key(hop: Hop) -> bytes:
    return derive(hop.browser.encode(), _PURPOSE, hop.pending_id)


def _context(offer_id: str, connection_id: str) -> bytes:
    return pack(_PURPOSE, offer_id, connection_id)


def _opened(hop: Hop, offer_id: str, connection_id: str, *, sealed: bytes) -> Answer:
    return _unpacked(orjson.loads(unseal(_key(hop), sealed, _context(offer_id, connection_id))))


def _packed(answer: Answer) -> bytes:
    identity, email = asdict(answer.identity), answer.identity.email
    identity["email"] = email.as_typed if email else None
    return orjson.dumps({"identity": identity, "tokens": asdict(answer.tokens)})


def _unpacked(stored: Mapping[str, Any]) -> Answer:
    identity = dict(stored["identity"])
    identity["email"] = parse_email(identity["email"]) if identity["email"] else None
    identity["groups"], identity["amr"] = tuple(identity["groups"]), tuple(identity["amr"])
    return Answer(Identity(**identity), Tokens(**stored["tokens"]))
