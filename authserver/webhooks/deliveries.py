"""Deliveries as administrators see them, and having them made again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, update

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.webhooks.following import BELL
from authserver.webhooks.models import WebhookDelivery
from authserver.webhooks.policy import HORIZON

STATES = ("waiting", "sending", "failed", "sent")
_AT_ONCE = 1000
_Row = WebhookDelivery


@dataclass(frozen=True)
class Deliveries:
    """Has deliveries of an endpoint made again."""

    trail: Trail
    clock: Clock

    def replay(
        self,
        transaction: Transaction,
        tenant_id: str,
        endpoint_id: str,
        *,
        ids: Sequence[str] | None,
        actor: Actor,
    ) -> list[str]:
        """Make deliveries due now, as if they were new, and return their ids.

        None: those given up, the oldest thousand. By id, what was sent is sent again, too; what is
        being sent is left alone.
        """
        now = self.clock.now()
        session = transaction.tenant(tenant_id)
        mine = _Row.endpoint_id == endpoint_id
        if ids is None:
            given_up = select(_Row.id).where(mine, _Row.failed_at.is_not(None))
            ids = [*session.scalars(given_up.order_by(_Row.id).limit(_AT_ONCE))]
        free = or_(_Row.claimed_until.is_(None), _Row.claimed_until <= now)
        change = (
            update(_Row)
            .where(mine, _Row.id.in_(ids), free)
            .values(
                failed_at=None, sent_at=None, claimed_until=None, attempts=0,
                due_at=now, gives_up_at=now + HORIZON,
            )
            .returning(_Row.id)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
        done = sorted(session.scalars(change))
        if done:
            event = Event(
                EventType.WEBHOOK_DELIVERIES_REPLAYED,
                tenant_id,
                actor,
                resource=endpoint_id,
                facts={"deliveries": done},
            )
            self.trail.record(transaction, event)
            transaction.ring(BELL)
        return done


def find(
    transaction: Transaction, tenant_id: str, delivery_id: str, *, endpoint_id: str
) -> WebhookDelivery:
    """Return a delivery of an endpoint. Raises NotFound."""
    row = transaction.tenant(tenant_id).get(WebhookDelivery, delivery_id)
    if row is None or row.endpoint_id != endpoint_id:
        raise NotFound("There is no such delivery.")
    return row


def wanted(endpoint_id: str, state: str | None, now: datetime) -> Select[WebhookDelivery]:
    """Return the query of an endpoint's deliveries, in a state."""
    query = select(_Row).where(_Row.endpoint_id == endpoint_id)
    return query if state is None else query.where(_state_at(now) == state)


def state_of(row: WebhookDelivery, now: datetime) -> str:
    """Return the state of a delivery at a moment."""
    if row.sent_at is not None:
        return "sent"
    if row.failed_at is not None:
        return "failed"
    return "sending" if row.claimed_until and row.claimed_until > now else "waiting"


def _state_at(now: datetime) -> ColumnElement[str]:
    return case(
        (_Row.sent_at.is_not(None), "sent"),
        (_Row.failed_at.is_not(None), "failed"),
        (and_(_Row.claimed_until.is_not(None), _Row.claimed_until > now), "sending"),
        else_="waiting",
    )
