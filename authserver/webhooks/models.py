"""The rows of webhooks."""

from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    and_,
    column,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime, sorted_text

MAX_URL, MAX_DESCRIPTION, MAX_PLACE = 1000, 120, 120
MAX_ERROR, MAX_ANSWER = 200, 1024
_OPEN = and_(column("sent_at").is_(None), column("failed_at").is_(None))


class WebhookEndpoint(Base, TenantScoped):
    """A server that is told. `events` are types, nouns with `.*`, or `*`.

    `failures` counts in a row; `failing_since` is when the first of them was. Nothing is sent
    before `rests_until`, nor while it is paused: `paused_why` is a word of `policy.Pause`.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    url: Mapped[str] = technical(String(MAX_URL))
    description: Mapped[str] = technical(String(MAX_DESCRIPTION))
    events: Mapped[list[str]] = technical(Document)
    paused_at: Mapped[datetime | None] = technical(UtcTime)
    paused_why: Mapped[str | None] = technical(String(16))
    failures: Mapped[int] = technical(Integer, default=0)
    failing_since: Mapped[datetime | None] = technical(UtcTime)
    rests_until: Mapped[datetime | None] = technical(UtcTime)
    version: Mapped[int] = technical(Integer, default=1)
    created_at: Mapped[datetime] = technical(UtcTime)


class WebhookSecret(Base, TenantScoped):
    """A secret that signs; the newest has no end. At most two of an endpoint live."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (
        Index("ix_webhook_secrets_endpoint_id", "endpoint_id"),
        ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"], ["webhook_endpoints.tenant_id", "webhook_endpoints.id"]
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    endpoint_id: Mapped[str] = technical(Id)
    sealed: Mapped[bytes] = technical(LargeBinary)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime | None] = technical(UtcTime, index=True)


class WebhookDelivery(Base, TenantScoped):
    """An event on its way to an endpoint. What is sent is read from the trail at each attempt.

    `place` is what has an order: the event's resource, else whom it is about. No foreign key to the
    endpoint: an event is never refused because its listener went away meanwhile.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index(None, "endpoint_id", "id"),
        Index(
            "ix_webhook_deliveries_place",
            "endpoint_id",
            "place",
            "event_id",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_webhook_deliveries_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    endpoint_id: Mapped[str] = technical(Id)
    event_id: Mapped[str] = technical(sorted_text(40))
    event_type: Mapped[str] = technical(String(64))
    place: Mapped[str] = technical(String(MAX_PLACE))
    created_at: Mapped[datetime] = technical(UtcTime, index=True)
    due_at: Mapped[datetime] = technical(UtcTime)
    gives_up_at: Mapped[datetime] = technical(UtcTime)
    claimed_until: Mapped[datetime | None] = technical(UtcTime)
    attempts: Mapped[int] = technical(Integer, default=0)
    tried_at: Mapped[datetime | None] = technical(UtcTime)
    sent_at: Mapped[datetime | None] = technical(UtcTime)
    failed_at: Mapped[datetime | None] = technical(UtcTime)
    status: Mapped[int | None] = technical(Integer)
    error: Mapped[str | None] = technical(String(MAX_ERROR))
    answer: Mapped[str | None] = technical(String(MAX_ANSWER))
