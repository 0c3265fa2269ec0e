"""Endpoints are made, changed, paused, resumed, tested and taken away; secrets are rotated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.net.fetch import FetchRefused, FetchRules
from authserver.core.net.fetch.rules import check_url
from authserver.core.problems import Conflict, NotFound
from authserver.tenants.limits.policy import LimitReached
from authserver.tenants.limits.service import lock_tenant
from authserver.tenants.service import bump_snapshots
from authserver.webhooks import keys
from authserver.webhooks.following import Follower
from authserver.webhooks.models import (
    MAX_DESCRIPTION,
    MAX_URL,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
)
from authserver.webhooks.policy import (
    MOST_ENDPOINTS,
    Pause,
    UnfitWebhook,
    check_events,
    check_overlap,
)

_Told = Mapping[str, object] | None
_RECORDED = ("url", "description", "events")


@dataclass(frozen=True)
class NewWebhook:
    """What is asked for. `events` are types, nouns with `.*`, or `*`."""

    url: str
    events: Sequence[str]
    description: str = ""


@dataclass(frozen=True)
class Webhooks:
    """Changes of endpoints. Afterwards the caller tells the caches: `watch.changed()`."""

    trail: Trail
    follower: Follower
    keyring: Keyring
    clock: Clock
    rules: FetchRules

    def create(
        self, transaction: Transaction, tenant_id: str, asked: NewWebhook, *, actor: Actor
    ) -> tuple[WebhookEndpoint, str]:
        """Register an endpoint; return it and its secret. Raises UnfitWebhook, LimitReached."""
        session, now = transaction.tenant(tenant_id), self.clock.now()
        lock_tenant(transaction, tenant_id)
        if (session.scalar(select(func.count(WebhookEndpoint.id))) or 0) >= MOST_ENDPOINTS:
            raise LimitReached(f"A tenant has at most {MOST_ENDPOINTS} webhooks.")
        values = self._checked(
            {"url": asked.url, "description": asked.description, "events": asked.events}
        )
        row = WebhookEndpoint(
            id=new_id("whe"), tenant_id=tenant_id, failures=0, version=1, created_at=now, **values
        )
        session.add(row)
        session.flush()
        secret = self._give_secret(transaction, row)
        self._record(transaction, EventType.WEBHOOK_CREATED, row, actor=actor, told=(None, values))
        return row, secret

    def change(
        self,
        transaction: Transaction,
        tenant_id: str,
        endpoint_id: str,
        *,
        changes: Mapping[str, Any],
        actor: Actor,
    ) -> WebhookEndpoint:
        """Change URL, description or events. Idempotent. Raises NotFound, UnfitWebhook.

        What waits already goes to the new URL.
        """
        row = self.get(transaction, tenant_id, endpoint_id, lock=True)
        values = self._checked(changes)
        before = {name: getattr(row, name) for name in values}
        after = {name: value for name, value in values.items() if value != before[name]}
        if not after:
            return row
        for name, value in after.items():
            setattr(row, name, value)
        row.version += 1
        told = {name: before[name] for name in after}, after
        self._record(transaction, EventType.WEBHOOK_CHANGED, row, actor=actor, told=told)
        return row

    def delete(
        self, transaction: Transaction, tenant_id: str, endpoint_id: str, *, actor: Actor
    ) -> None:
        """Take an endpoint away, with its secrets and all that waits. Raises NotFound."""
        row = self.get(transaction, tenant_id, endpoint_id, lock=True)
        before = {name: getattr(row, name) for name in _RECORDED}
        session = transaction.tenant(tenant_id)
        for model in (WebhookDelivery, WebhookSecret):
            gone = delete(model).where(model.endpoint_id == endpoint_id)
            session.execute(gone.execution_options(synchronize_session=False))
        session.delete(row)
        self._record(transaction, EventType.WEBHOOK_DELETED, row, actor=actor, told=(before, None))

    def pause(
        self, transaction: Transaction, tenant_id: str, endpoint_id: str, *, actor: Actor
    ) -> WebhookEndpoint:
        """Send nothing for now: what happens waits. Idempotent. Raises NotFound."""
        row = self.get(transaction, tenant_id, endpoint_id, lock=True)
        if row.paused_at is None:
            row.paused_at, row.paused_why = self.clock.now(), Pause.BY_HAND.value
            row.version += 1
            facts = {"reason": row.paused_why}
            self._record(transaction, EventType.WEBHOOK_PAUSED, row, actor=actor, facts=facts)
        return row

    def resume(
        self, transaction: Transaction, tenant_id: str, endpoint_id: str, *, actor: Actor
    ) -> WebhookEndpoint:
        """Send what waits, and what happens from now on. Idempotent. Raises NotFound."""
        row = self.get(transaction, tenant_id, endpoint_id, lock=True)
        if row.paused_at is not None:
            row.paused_at = row.paused_why = None
            row.failures, row.failing_since, row.rests_until = 0, None, None
            row.version += 1
            self._record(transaction, EventType.WEBHOOK_RESUMED, row, actor=actor)
        return row

    def rotate(
        self,
        transaction: Transaction,
        tenant_id: str,
        endpoint_id: str,
        *,
        overlap: timedelta,
        actor: Actor,
    ) -> tuple[WebhookEndpoint, str]:
        """Give it a new secret; the present one signs, too, for `overlap` more.

        One that was to end already ends at once: two sign at most. Raises NotFound, UnfitWebhook.
        """
        row = self.get(transaction, tenant_id, endpoint_id, lock=True)
        until = self.clock.now() + check_overlap(overlap)
        keys.overlap(transaction, tenant_id, endpoint_id, until=until if overlap else None)
        secret = self._give_secret(transaction, row)
        row.version += 1
        facts = {"old_until": until.isoformat()}
        self._record(transaction, EventType.WEBHOOK_SECRET_ROTATED, row, actor=actor, facts=facts)
        return row, secret

    def test(
        self, transaction: Transaction, tenant_id: str, endpoint_id: str, *, actor: Actor
    ) -> WebhookEndpoint:
        """Send an event that says nothing, whatever it wants. Raises NotFound, Conflict."""
        row = self.get(transaction, tenant_id, endpoint_id, lock=True)
        if row.paused_at is not None:
            raise Conflict("The webhook is paused: resume it first.")
        event = Event(EventType.WEBHOOK_TESTED, tenant_id, actor, resource=row.id)
        self.follower.deliver(transaction, self.trail.record(transaction, event), row.id)
        return row

    def get(
        self, transaction: Transaction, tenant_id: str, endpoint_id: str, *, lock: bool = False
    ) -> WebhookEndpoint:
        """Return an endpoint of the tenant, held for a change if asked. Raises NotFound."""
        session = transaction.tenant(tenant_id)
        row = session.get(WebhookEndpoint, endpoint_id, with_for_update=lock or None)
        if row is None:
            raise NotFound("There is no such webhook.")
        return row

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[WebhookEndpoint]:
        """Return the endpoints of a tenant, oldest first."""
        wanted = select(WebhookEndpoint).order_by(WebhookEndpoint.id)
        return [*transaction.tenant(tenant_id).scalars(wanted)]

    def _checked(self, given: Mapping[str, Any]) -> dict[str, object]:
        """Return the columns of the same names. Raises UnfitWebhook."""
        checked: dict[str, object] = {}
        if "url" in given:
            checked["url"] = self._checked_url(given["url"])
        if "description" in given:
            checked["description"] = words = given["description"].strip()
            if len(words) > MAX_DESCRIPTION or not words.isprintable():
                raise UnfitWebhook(f"It is described in {MAX_DESCRIPTION} printable characters.")
        if "events" in given:
            checked["events"] = check_events(given["events"])
        return checked

    def _checked_url(self, url: str) -> str:
        if len(url) > MAX_URL:
            raise UnfitWebhook(f"A URL has at most {MAX_URL} characters.")
        try:
            check_url(url, self.rules)
        except FetchRefused as error:
            raise UnfitWebhook(f"The URL is not one to send to: {error.reason}.") from error
        return url

    def _give_secret(self, transaction: Transaction, row: WebhookEndpoint) -> str:
        return keys.give(
            transaction, row.tenant_id, row.id, keyring=self.keyring, now=self.clock.now()
        )

    def _record(
        self,
        transaction: Transaction,
        type_: EventType,
        row: WebhookEndpoint,
        *,
        actor: Actor,
        told: tuple[_Told, _Told] = (None, None),
        facts: Mapping[str, object] | None = None,
    ) -> None:
        transaction.tenant(row.tenant_id).flush()
        bump_snapshots(transaction)
        event = Event(
            type_, row.tenant_id, actor, resource=row.id, facts=facts or {},
            before=told[0], after=told[1],
        )  # fmt: skip
        self.trail.record(transaction, event)
