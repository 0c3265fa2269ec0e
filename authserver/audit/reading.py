"""What happened to a person lately, read back from the trail."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select

from authserver.audit.models import AuditEvent, AuditSubject
from authserver.audit.subjects import key_of
from authserver.core.crypto import DecryptionError, Keyring, pack, unseal
from authserver.core.database.engine import Transaction

MOST = 50


@dataclass(frozen=True)
class Happened:
    """One event. `personal` is empty where the person's key is gone."""

    id: str
    time: datetime
    type: str
    actor_kind: str
    actor_id: str | None
    resource: str | None
    correlation_id: str
    facts: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    personal: Mapping[str, str]


class History:
    """Reads the trail of one person at a time."""

    def __init__(self, keyring: Keyring) -> None:
        """Take what opens the people's keys."""
        self._keyring = keyring

    def of_person(
        self, transaction: Transaction, tenant_id: str, user_id: str, *, most: int = MOST
    ) -> list[Happened]:
        """Return what was last done to a person, or by them to themselves; the newest first."""
        session = transaction.tenant(tenant_id)
        ref = session.scalar(select(AuditSubject.ref).where(AuditSubject.principal_id == user_id))
        if ref is None:
            return []
        wanted = (
            select(AuditEvent)
            .where(AuditEvent.subject_ref == ref)
            .order_by(AuditEvent.id.desc())
            .limit(most)
        )
        rows = [*session.scalars(wanted)]
        refs = {row.actor_ref for row in rows} | {ref}
        subjects = select(AuditSubject).where(AuditSubject.ref.in_(refs))
        known = {one.ref: one for one in session.scalars(subjects)}
        return [self._read(row, known) for row in rows]

    def _read(self, row: AuditEvent, known: Mapping[str, AuditSubject]) -> Happened:
        body = orjson.loads(row.body)
        actor = known.get(row.actor_ref or "")
        return Happened(
            id=row.id,
            time=row.occurred_at,
            type=row.type,
            actor_kind=body["actor"]["kind"],
            actor_id=actor.principal_id if actor else None,
            resource=row.resource,
            correlation_id=row.correlation_id,
            facts=body["facts"],
            before=body["before"],
            after=body["after"],
            personal=self._opened(row.id, body["personal"], known),
        )

    def _opened(
        self,
        event_id: str,
        sealed: Mapping[str, Mapping[str, str]],
        known: Mapping[str, AuditSubject],
    ) -> dict[str, str]:
        opened = {}
        for name, value in sealed.items():
            subject = known.get(value["of"])
            if subject is None:
                continue
            try:
                key = key_of(self._keyring, subject.ref, subject.wrapped_key)
                plain = unseal(key, b64decode(value["sealed"]), pack(event_id, name))
            except DecryptionError:
                continue
            opened[name] = plain.decode(errors="replace")
        return opened
