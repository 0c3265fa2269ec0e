"""What happened to a person, out of the trail, with what it says of others left out.

Who acted is told by kind alone, unless it was the person. Only the person's own key is at hand, so
addresses and browsers of others cannot be read here; ids of other accounts are blanked.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select

from authserver.audit.models import EMPTY, AuditEvent, AuditSubject
from authserver.audit.subjects import Known, Subjects
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id

AT_ONCE = 500
_PERSON = "usr"


class Happened:
    """Reads a person's events, the oldest first."""

    def __init__(self, subjects: Subjects) -> None:
        """Take what knows people's keys."""
        self._subjects = subjects

    def page(
        self, transaction: Transaction, tenant_id: str, user_id: str, *, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return the next events, and the id to go on after: None at the end."""
        trail = transaction.tenant(tenant_id)
        ref = trail.scalar(select(AuditSubject.ref).where(AuditSubject.principal_id == user_id))
        if ref is None:
            return [], None
        of_person = AuditEvent.subject_ref == ref
        wanted = select(AuditEvent).where(of_person, AuditEvent.body != EMPTY)
        if after is not None:
            wanted = wanted.where(AuditEvent.id > after)
        rows = [*trail.scalars(wanted.order_by(AuditEvent.id).limit(AT_ONCE))]
        own = self._subjects.named(transaction, tenant_id, [ref])
        told = [_told(row, ref, user_id, own=own) for row in rows]
        return told, rows[-1].id if len(rows) == AT_ONCE else None


def _told(row: AuditEvent, ref: str, user_id: str, *, own: Known) -> dict[str, Any]:
    body = orjson.loads(row.body)
    by_the_person = row.actor_ref == ref
    return {
        "id": row.id,
        "time": body["time"],
        "type": row.type,
        "actor": {"kind": body["actor"]["kind"], "you": by_the_person},
        "resource": without_others(row.resource, user_id),
        **{name: without_others(body[name], user_id) for name in ("facts", "before", "after")},
        "personal": own.opened(row.id, body["personal"]),
    }


def without_others(value: Any, user_id: str) -> Any:  # noqa: ANN401  what JSON can hold
    """Return a value in which no other account is named."""
    if isinstance(value, Mapping):
        return {name: without_others(one, user_id) for name, one in value.items()}
    if isinstance(value, list):
        return [without_others(one, user_id) for one in value]
    if isinstance(value, str):
        named = value.rpartition(":")[2]
        return None if is_id(named, _PERSON) and named != user_id else value
    return value
