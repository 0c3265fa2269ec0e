"""What commands say of webhooks and deliveries."""

from datetime import datetime
from typing import Any

import click

from authserver.webhooks.deliveries import state_of
from authserver.webhooks.models import WebhookDelivery, WebhookEndpoint

TENANT = click.option("--tenant", "slug", required=True, help="The tenant's slug.")


def document(row: WebhookEndpoint) -> dict[str, Any]:
    """Return an endpoint for programs."""
    return {
        "id": row.id,
        "url": row.url,
        "description": row.description,
        "events": list(row.events),
        "paused_at": row.paused_at and row.paused_at.isoformat(),
        "paused_reason": row.paused_why,
        "failures": row.failures,
        "failing_since": row.failing_since and row.failing_since.isoformat(),
    }


def line(one: dict[str, Any]) -> str:
    """Return an endpoint for people."""
    failing = f"failing, {one['failures']} in a row" if one["failures"] else "active"
    state = f"paused ({one['paused_reason']})" if one["paused_at"] else failing
    return f"{one['id']}  {one['url']}  {' '.join(one['events'])}  ({state})"


def delivery(row: WebhookDelivery, now: datetime) -> dict[str, Any]:
    """Return a delivery for programs."""
    return {
        "id": row.id,
        "event_id": row.event_id,
        "event_type": row.event_type,
        "state": state_of(row, now),
        "attempts": row.attempts,
        "status": row.status,
        "error": row.error,
        "answer": row.answer,
        "created_at": row.created_at.isoformat(),
        "due_at": row.due_at.isoformat(),
    }
