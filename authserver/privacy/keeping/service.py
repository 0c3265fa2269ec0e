"""Events over their time are emptied, some with each transaction: nobody should wait for it.

A named platform service. An event about somebody under a legal hold, or by them, is passed over;
when the hold is lifted the trail is looked through again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import or_, select, update

from authserver.audit.classes import EventClass, types_of
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.models import EMPTY, AuditEvent, AuditSubject
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.privacy.erasure.models import LegalHold
from authserver.privacy.keeping.models import TrailKeeping
from authserver.tenants.models import Tenant

AT_ONCE = 2_000  # events that are looked at in one transaction

_LOOKED_AT = (
    AuditEvent.id,
    AuditEvent.seq,
    AuditEvent.occurred_at,
    AuditEvent.type,
    AuditEvent.actor_ref,
    AuditEvent.subject_ref,
)
_NOTHING = {
    "body": EMPTY,
    "actor_ref": None,
    "subject_ref": None,
    "resource": None,
    "correlation_id": "",
}


@dataclass(frozen=True)
class _Rule:
    tenant_id: str
    of_class: EventClass
    before: datetime


class Keeping:
    """Empties events."""

    def __init__(self, database: Database, trail: Trail, clock: Clock) -> None:
        """Take where events are, the trail, which says what was emptied, and the time."""
        self._database = database
        self._trail = trail
        self._clock = clock

    def bury(self) -> list[str]:
        """Empty some events of each tenant and class; return the tenants that have more of them."""
        more = [
            rule.tenant_id
            for rule in self._rules()
            if self._database.write(lambda tx, rule=rule: self._some(tx, rule))  # type: ignore[misc]  # of each
        ]
        return sorted(set(more))

    def _rules(self) -> list[_Rule]:
        columns = {one: getattr(Tenant, f"{one.value}_event_days") for one in EventClass}
        any_days = or_(*(column.is_not(None) for column in columns.values()))
        with self._database.read() as view:
            rows = view.platform().execute(select(Tenant.id, *columns.values()).where(any_days))
            found = [(row[0], dict(zip(columns, row[1:], strict=True))) for row in rows]
        now = self._clock.now()
        return [
            _Rule(tenant_id, one, now - timedelta(days=days))
            for tenant_id, kept in found
            for one, days in kept.items()
            if days
        ]

    def _some(self, transaction: Transaction, rule: _Rule) -> bool:
        """Look at the next events of a tenant; tell whether there may be more of them."""
        trail = transaction.tenant(rule.tenant_id)
        place = trail.get(TrailKeeping, (rule.tenant_id, rule.of_class.value))
        behind = [AuditEvent.id > place.through] if place else []
        wanted = select(*_LOOKED_AT).where(*behind).order_by(AuditEvent.id).limit(AT_ONCE)
        over = [*takewhile(lambda row: _is_over(row, rule), trail.execute(wanted))]
        if not over:
            return False
        emptied = self._empty(transaction, rule, over)
        if place is None:
            place = TrailKeeping(tenant_id=rule.tenant_id, of_class=rule.of_class.value)
            trail.add(place)
        place.through = over[-1].id
        trail.flush()
        if emptied:
            self._say(transaction, rule, emptied=emptied, through=over[-1].seq)
        return len(over) == AT_ONCE

    def _empty(self, transaction: Transaction, rule: _Rule, over: Sequence[Any]) -> int:
        types, held = types_of(rule.of_class), _held(transaction, rule.tenant_id)
        ids = [
            row.id
            for row in over
            if row.type in types and not {row.actor_ref, row.subject_ref} & held
        ]
        gone = update(AuditEvent).where(AuditEvent.id.in_(ids), AuditEvent.body != EMPTY)
        result: Any = transaction.tenant(rule.tenant_id).execute(
            gone.values(**_NOTHING).execution_options(synchronize_session=False)
        )
        return int(result.rowcount)

    def _say(self, transaction: Transaction, rule: _Rule, *, emptied: int, through: int) -> None:
        facts = {"class": rule.of_class.value, "events": emptied, "through": through}
        actor = Actor(ActorKind.SERVER, rule.tenant_id, new_id("req"))
        event = Event(EventType.TRAIL_PRUNED, rule.tenant_id, actor, facts=facts)
        self._trail.record(transaction, event)


def _is_over(row: Any, rule: _Rule) -> bool:  # noqa: ANN401  a row of the query
    """Tell whether an event is behind its time; one without a number is too new for that."""
    return row.seq is not None and row.occurred_at < rule.before


def _held(transaction: Transaction, tenant_id: str) -> set[str | None]:
    standing = select(LegalHold.user_id).where(LegalHold.lifted_at.is_(None))
    refs = select(AuditSubject.ref).where(AuditSubject.principal_id.in_(standing))
    return {*transaction.tenant(tenant_id).scalars(refs)}
