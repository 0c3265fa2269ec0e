"""/tenants/{tenant_id}/webhooks: servers that are told of events, and what became of that.

Whoever decides what is told has to be allowed to read the trail, too: it is what leaves.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from authserver.admin.api.webhooks import shown
from authserver.admin.api.webhooks.shown import (
    DeliveriesQuery,
    DeliveryPage,
    DeliveryShown,
    NewReplay,
    NewSecretGiven,
    NewWebhookGiven,
    Replayed,
    WebhookMade,
    WebhookPatch,
    WebhookShown,
    WebhooksShown,
)
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.admin.rest.paging import Cursors, Rows
from authserver.admin.rest.problems import Changed
from authserver.audit.events import Actor
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission
from authserver.webhooks.deliveries import Deliveries, find, wanted
from authserver.webhooks.models import WebhookDelivery, WebhookEndpoint
from authserver.webhooks.policy import TELLABLE
from authserver.webhooks.service import NewWebhook, Webhooks

_TAG = "webhooks"
_ALL = "/tenants/{tenant_id}/webhooks"
_ONE = f"{_ALL}/{{webhook_id}}"


class Act(Protocol):
    """Does something to one endpoint."""

    def __call__(
        self, transaction: Transaction, tenant_id: str, endpoint_id: str, *, actor: Actor
    ) -> WebhookEndpoint:
        """Return it."""


class WebhooksApi:
    """Operations on webhooks."""

    def __init__(
        self, webhooks: Webhooks, deliveries: Deliveries, *, clock: Clock, cursors: Cursors
    ) -> None:
        """Take what changes them, what repeats deliveries, and what makes cursors."""
        self._webhooks = webhooks
        self._deliveries = deliveries
        self._clock = clock
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (*self._about_endpoints(), *self._acts(), *self._about_deliveries())

    def _about_endpoints(self) -> Sequence[Operation]:
        read, write = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE
        return (
            Operation(
                "GET", _ALL, Does.READ, read, self.list_webhooks,
                "List webhooks, and the types of events that there are", _TAG, shows=WebhooksShown,
            ),
            Operation(
                "POST", _ALL, Does.CREATE, write, self.create_webhook,
                "Have a server told of events; its secret is shown once", _TAG,
                body=NewWebhookGiven, shows=WebhookMade, sensitive=True,
            ),
            Operation(
                "GET", _ONE, Does.READ, read, self.read_webhook, "Read a webhook", _TAG,
                shows=WebhookShown,
            ),
            Operation(
                "PATCH", _ONE, Does.CHANGE, write, self.change_webhook, "Change a webhook", _TAG,
                body=WebhookPatch, shows=WebhookShown, sensitive=True,
            ),
            Operation(
                "DELETE", _ONE, Does.CHANGE, write, self.delete_webhook,
                "Take a webhook away, and what waits for it", _TAG, sensitive=True,
            ),
        )  # fmt: skip

    def _acts(self) -> Sequence[Operation]:
        write = Permission.SETTINGS_WRITE
        return (
            Operation(
                "POST", f"{_ONE}/secrets", Does.CREATE, write, self.rotate_webhook_secret,
                "Give a webhook a new secret; the present one signs, too, for a while", _TAG,
                body=NewSecretGiven, shows=WebhookMade, sensitive=True,
            ),
            Operation(
                "POST", f"{_ONE}/test", Does.CHANGE, write, self.test_webhook,
                "Send an event that says nothing, to see whether it arrives", _TAG,
                shows=WebhookShown,
            ),
            Operation(
                "POST", f"{_ONE}/pause", Does.CHANGE, write, self.pause_webhook,
                "Send nothing for now: what happens waits", _TAG, shows=WebhookShown,
            ),
            Operation(
                "POST", f"{_ONE}/resume", Does.CHANGE, write, self.resume_webhook,
                "Send what waits, and what happens from now on", _TAG, shows=WebhookShown,
            ),
        )  # fmt: skip

    def _about_deliveries(self) -> Sequence[Operation]:
        read, write = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE
        deliveries = f"{_ONE}/deliveries"
        return (
            Operation(
                "GET", deliveries, Does.READ, read, self.list_webhook_deliveries,
                "List deliveries of a webhook", _TAG, query=DeliveriesQuery, shows=DeliveryPage,
            ),
            Operation(
                "GET", f"{deliveries}/{{delivery_id}}", Does.READ, read,
                self.read_webhook_delivery, "Read a delivery", _TAG, shows=DeliveryShown,
            ),
            Operation(
                "POST", f"{_ONE}/replay", Does.CHANGE, write, self.replay_webhook,
                "Send events again: these, or all that were given up", _TAG,
                body=NewReplay, shows=Replayed,
            ),
        )  # fmt: skip

    def list_webhooks(self, transaction: Transaction, call: Call) -> Reply:
        """Return all of them."""
        found = self._webhooks.all_of(transaction, call.path["tenant_id"])
        items = tuple(shown.webhook(row) for row in found)
        return Reply(WebhooksShown(items=items, event_types=TELLABLE))

    def create_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Register one."""
        call.caller.check(Permission.AUDIT_READ)
        tenant_id, asked = call.path["tenant_id"], call.body
        new = NewWebhook(asked.url, asked.events, asked.description)
        row, secret = self._webhooks.create(transaction, tenant_id, new, actor=call.caller.actor)
        return self._made(row, secret)

    def read_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Return one."""
        row = self._webhooks.get(transaction, call.path["tenant_id"], call.path["webhook_id"])
        return Reply(shown.webhook(row), row.version)

    def change_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Change one."""
        call.caller.check(Permission.AUDIT_READ)
        row = self._to_change(transaction, call)
        patch = call.body
        row = self._webhooks.change(
            transaction,
            row.tenant_id,
            row.id,
            changes={name: getattr(patch, name) for name in patch.model_fields_set},
            actor=call.caller.actor,
        )
        return Reply(shown.webhook(row), row.version)

    def delete_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Take one away."""
        row = self._to_change(transaction, call)
        self._webhooks.delete(transaction, row.tenant_id, row.id, actor=call.caller.actor)
        return Reply()

    def rotate_webhook_secret(self, transaction: Transaction, call: Call) -> Reply:
        """Give one a new secret."""
        row, secret = self._webhooks.rotate(
            transaction,
            call.path["tenant_id"],
            call.path["webhook_id"],
            overlap=timedelta(hours=call.body.overlap_hours),
            actor=call.caller.actor,
        )
        return self._made(row, secret)

    def test_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Send something to one."""
        return self._act(self._webhooks.test, transaction, call)

    def pause_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Send nothing to one."""
        return self._act(self._webhooks.pause, transaction, call)

    def resume_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Send to one again."""
        return self._act(self._webhooks.resume, transaction, call)

    def list_webhook_deliveries(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page."""
        row = self._webhooks.get(transaction, call.path["tenant_id"], call.path["webhook_id"])
        now = self._clock.now()
        session = transaction.tenant(row.tenant_id)
        rows = Rows(session, wanted(row.id, call.query.state, now), "deliveries", backwards=True)
        items, after = self._cursors.page(
            rows, call, by=[WebhookDelivery.id], show=lambda one: shown.delivery(one, now)
        )
        return Reply(DeliveryPage(items=items, next_cursor=after))

    def read_webhook_delivery(self, transaction: Transaction, call: Call) -> Reply:
        """Return one."""
        row = self._webhooks.get(transaction, call.path["tenant_id"], call.path["webhook_id"])
        found = find(transaction, row.tenant_id, call.path["delivery_id"], endpoint_id=row.id)
        return Reply(shown.delivery(found, self._clock.now()))

    def replay_webhook(self, transaction: Transaction, call: Call) -> Reply:
        """Make deliveries due."""
        row = self._webhooks.get(transaction, call.path["tenant_id"], call.path["webhook_id"])
        ids = self._deliveries.replay(
            transaction, row.tenant_id, row.id, ids=call.body.ids, actor=call.caller.actor
        )
        return Reply(Replayed(ids=tuple(ids)))

    def _act(self, act: Act, transaction: Transaction, call: Call) -> Reply:
        by = call.caller.actor
        row = act(transaction, call.path["tenant_id"], call.path["webhook_id"], actor=by)
        return Reply(shown.webhook(row), row.version)

    def _to_change(self, transaction: Transaction, call: Call) -> WebhookEndpoint:
        row = self._webhooks.get(
            transaction, call.path["tenant_id"], call.path["webhook_id"], lock=True
        )
        if call.version is not None and call.version != row.version:
            raise Changed("Read it again, and decide anew.")
        return row

    def _made(self, row: WebhookEndpoint, secret: str) -> Reply:
        made = WebhookMade(**shown.webhook(row).model_dump(), secret=secret)
        return Reply(made, row.version, f"/tenants/{row.tenant_id}/webhooks/{row.id}")
