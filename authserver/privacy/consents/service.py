"""Decisions are recorded with what they were about, and read."""

from collections.abc import Iterable, Mapping

import orjson
from sqlalchemy import Select, select

from authserver.audit.events import Actor
from authserver.audit.subjects import Subjects
from authserver.core.clock import Clock
from authserver.core.crypto import DecryptionError, pack, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.privacy.consents import statements
from authserver.privacy.consents.models import ConsentRecord, ConsentText
from authserver.privacy.consents.values import Act, Decision, Recorded, Text

_MOST = 512  # characters of an address or a browser's name, as in the trail


class ConsentRecords:
    """Adds to the record, and reads it."""

    def __init__(self, subjects: Subjects, clock: Clock) -> None:
        """Take what knows people's own keys, and the time."""
        self._subjects = subjects
        self._clock = clock

    def add(
        self, transaction: Transaction, tenant_id: str, decision: Decision, *, actor: Actor
    ) -> None:
        """Record what the actor, a person of the tenant, decided."""
        text = decision.text
        if text is not None:
            self._keep(transaction, tenant_id, text)
        record_id = new_id("csr")
        session = transaction.tenant(tenant_id)
        row = ConsentRecord(
            id=record_id,
            user_id=actor.principal,
            client_id=decision.client_id,
            act=decision.act.value,
            scope=list(decision.scope),
            resources=list(decision.resources),
            claims=list(decision.claims) or None,
            text_hash=text.hash if text else None,
            locale=text.locale if text else None,
            decided_at=self._clock.now(),
            origin=self._sealed(transaction, tenant_id, record_id, actor=actor),
        )
        session.add(row)
        session.flush()

    def read(
        self, transaction: Transaction, tenant_id: str, rows: Iterable[ConsentRecord]
    ) -> list[Recorded]:
        """Return rows of one person as they are read."""
        found = list(rows)
        hashes = {row.text_hash for row in found if row.text_hash}
        wanted = select(ConsentText).where(ConsentText.hash.in_(hashes))
        texts = {one.hash: one.text for one in transaction.tenant(tenant_id).scalars(wanted)}
        people = {row.user_id for row in found}
        keys = {one: self._subjects.key_of(transaction, tenant_id, one) for one in people}
        return [_recorded(row, texts, keys[row.user_id]) for row in found]

    def of_person(self, transaction: Transaction, tenant_id: str, user_id: str) -> list[Recorded]:
        """Return everything that a person decided, the latest first."""
        newest = of_person(user_id).order_by(ConsentRecord.id.desc())
        return self.read(transaction, tenant_id, transaction.tenant(tenant_id).scalars(newest))

    def _keep(self, transaction: Transaction, tenant_id: str, text: Text) -> None:
        values = {
            "tenant_id": tenant_id,
            "hash": text.hash,
            "text": text.document,
            "created_at": self._clock.now(),
        }
        transaction.change(statements.INSERT_TEXT, values)

    def _sealed(
        self, transaction: Transaction, tenant_id: str, record_id: str, *, actor: Actor
    ) -> bytes:
        subject = self._subjects.of(transaction, tenant_id, actor.principal)
        origin = {"address": actor.address[:_MOST], "user_agent": actor.user_agent[:_MOST]}
        return seal(subject.cipher, orjson.dumps(origin), _context(record_id))


def of_person(user_id: str) -> Select[ConsentRecord]:
    """Return the query of a person's decisions."""
    return select(ConsentRecord).where(ConsentRecord.user_id == user_id)


def _recorded(
    row: ConsentRecord, texts: Mapping[str, Mapping[str, object]], key: bytes | None
) -> Recorded:
    origin = _opened(row, key)
    return Recorded(
        id=row.id,
        act=Act(row.act),
        client_id=row.client_id,
        scope=tuple(row.scope),
        resources=tuple(row.resources),
        claims=tuple(row.claims or ()),
        text_hash=row.text_hash,
        text=texts.get(row.text_hash) if row.text_hash else None,
        locale=row.locale,
        decided_at=row.decided_at,
        address=origin.get("address", ""),
        user_agent=origin.get("user_agent", ""),
    )


def _opened(row: ConsentRecord, key: bytes | None) -> dict[str, str]:
    """Return where a decision came from; nothing where the person's key is gone."""
    if key is None or row.origin is None:
        return {}
    try:
        found: dict[str, str] = orjson.loads(unseal(key, row.origin, _context(row.id)))
    except DecryptionError:  # of a key that was destroyed before there was this one
        return {}
    return found


def _context(record_id: str) -> bytes:
    return pack("consent_records", record_id)
