"""What callers say of webhooks, and what they are shown of them."""

from datetime import datetime
from typing import Annotated, Literal, cast

from pydantic import Field

from authserver.admin.rest.operation import Given, Shown
from authserver.admin.rest.paging import Page, PageQuery
from authserver.webhooks.deliveries import state_of
from authserver.webhooks.models import (
    MAX_DESCRIPTION,
    MAX_URL,
    WebhookDelivery,
    WebhookEndpoint,
)
from authserver.webhooks.policy import LONGEST_OVERLAP, MOST_PATTERNS, USUAL_OVERLAP

HOUR = 3600
_MOST_IDS = 100
_Url = Annotated[str, Field(max_length=MAX_URL)]
_Description = Annotated[str, Field(max_length=MAX_DESCRIPTION)]
_Events = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=MOST_PATTERNS)]
DeliveryState = Literal["waiting", "sending", "failed", "sent"]
PauseReason = Literal["by_hand", "failing", "gone"]


class NewWebhookGiven(Given):
    """A server to tell: its https URL, and types of events, nouns with `.*`, or `*` for all."""

    url: _Url
    events: _Events
    description: _Description = ""


class WebhookPatch(Given):
    """What to change; what waits already goes to the new URL."""

    url: _Url = ""
    events: _Events = Field(default_factory=list)
    description: _Description = ""


class NewSecretGiven(Given):
    """For how many hours the present secret signs beside the new one; 0 ends it at once."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP.total_seconds() // HOUR)] = int(
        USUAL_OVERLAP.total_seconds() // HOUR
    )


class WebhookShown(Shown):
    """A webhook. `failures` are those in a row, since `failing_since`."""

    id: str
    url: str
    description: str
    events: tuple[str, ...]
    paused_at: datetime | None
    paused_reason: PauseReason | None
    failures: int
    failing_since: datetime | None
    created_at: datetime


class WebhookMade(WebhookShown):
    """A webhook with a new secret: `secret` is here once and nowhere afterwards."""

    secret: str


class WebhooksShown(Shown):
    """The webhooks of a tenant, oldest first: at most twenty. `event_types` are what there is."""

    items: tuple[WebhookShown, ...]
    event_types: tuple[str, ...]


class DeliveryShown(Shown):
    """An event on its way. `answer` is the beginning of what the server said where it refused."""

    id: str
    webhook_id: str
    event_id: str
    event_type: str
    state: DeliveryState
    attempts: int
    status: int | None
    error: str | None
    answer: str | None
    created_at: datetime
    tried_at: datetime | None
    due_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None


class DeliveryPage(Page[DeliveryShown]):
    """A page of deliveries, the newest first."""


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    state: DeliveryState | None = None


class NewReplay(Given):
    """What is sent again at once; no ids: what was given up, the oldest thousand."""

    ids: (
        Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=_MOST_IDS)] | None
    ) = None


class Replayed(Shown):
    """What is due now. What is being sent is left alone."""

    ids: tuple[str, ...]


def webhook(row: WebhookEndpoint) -> WebhookShown:
    """Return what is shown of an endpoint."""
    return WebhookShown(
        id=row.id,
        url=row.url,
        description=row.description,
        events=tuple(row.events),
        paused_at=row.paused_at,
        paused_reason=cast("PauseReason | None", row.paused_why),
        failures=row.failures,
        failing_since=row.failing_since,
        created_at=row.created_at,
    )


def delivery(row: WebhookDelivery, now: datetime) -> DeliveryShown:
    """Return what is shown of a delivery at a moment."""
    is_open = row.sent_at is None and row.failed_at is None
    return DeliveryShown(
        id=row.id,
        webhook_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.event_type,
        state=cast("DeliveryState", state_of(row, now)),
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        answer=row.answer,
        created_at=row.created_at,
        tried_at=row.tried_at,
        due_at=row.due_at if is_open else None,
        sent_at=row.sent_at,
        failed_at=row.failed_at,
    )
