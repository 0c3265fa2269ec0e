"""Resource servers are registered, changed and taken away, and clients lose what they lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.exc import IntegrityError

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.amending import Amendments
from authserver.clients.models import Client
from authserver.clients.resources.models import ResourceServer
from authserver.clients.resources.offers import offer_of
from authserver.clients.resources.policy import (
    NewResource,
    Offer,
    UnfitResource,
    Wanted,
    check,
    left,
)
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said

_Told = tuple[Mapping[str, object] | None, Mapping[str, object] | None]
_RECORDED = ("audience", "name", "scopes", "client_ids")


@dataclass(frozen=True)
class ResourceServers:
    """Changes of resource servers. Afterwards the caller tells the caches: `watch.changed()`."""

    trail: Trail
    clock: Clock
    amendments: Amendments
    allow_http_loopback: bool = False

    def create(
        self, transaction: Transaction, tenant_id: str, asked: NewResource, *, actor: Actor
    ) -> ResourceServer:
        """Register a resource server. Raises UnfitResource, UnfitName, Conflict."""
        values = self._checked(transaction, tenant_id, asked)
        row = ResourceServer(id=new_id("rsv"), version=1, created_at=self.clock.now(), **values)
        session = transaction.tenant(tenant_id)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:
            raise Conflict(
                "There is a resource server with this audience already.", field="audience"
            ) from error
        event = EventType.RESOURCE_SERVER_CREATED
        self._record(transaction, event, row, actor=actor, told=(None, values))
        return row

    def change(
        self,
        transaction: Transaction,
        tenant_id: str,
        server_id: str,
        *,
        changes: Mapping[str, Any],
        actor: Actor,
    ) -> ResourceServer:
        """Change name, scopes (name -> description) and who may ask; the audience stays.

        What a client may not ask for any more is taken from its registration. Idempotent. Raises
        NotFound, UnfitResource, UnfitName.
        """
        row = self.get(transaction, tenant_id, server_id, lock=True)
        present = NewResource(row.audience, row.name, scopes_of(row), row.client_ids)
        values = self._checked(transaction, tenant_id, replace(present, **changes))
        before = {name: getattr(row, name) for name in values}
        after = {name: value for name, value in values.items() if value != before[name]}
        if not after:
            return row
        offered = replace(present, **changes)
        self._withdraw(transaction, row, offered, actor=actor)
        for name, value in after.items():
            setattr(row, name, value)
        row.version += 1
        told = {name: before[name] for name in after}
        event = EventType.RESOURCE_SERVER_CHANGED
        self._record(transaction, event, row, actor=actor, told=(told, after))
        return row

    def delete(
        self, transaction: Transaction, tenant_id: str, server_id: str, *, actor: Actor
    ) -> None:
        """Take a resource server away, and from every client. Raises NotFound."""
        row = self.get(transaction, tenant_id, server_id, lock=True)
        nobody = NewResource(row.audience, row.name, {}, ())
        self._withdraw(transaction, row, nobody, actor=actor)
        before = {name: getattr(row, name) for name in _RECORDED}
        session = transaction.tenant(tenant_id)
        session.delete(row)
        event = EventType.RESOURCE_SERVER_DELETED
        self._record(transaction, event, row, actor=actor, told=(before, None))

    def get(
        self, transaction: Transaction, tenant_id: str, server_id: str, *, lock: bool = False
    ) -> ResourceServer:
        """Return a resource server of the tenant, held for a change if asked. Raises NotFound."""
        session = transaction.tenant(tenant_id)
        row = session.get(ResourceServer, server_id, with_for_update=lock or None)
        if row is None:
            raise NotFound("There is no such resource server.")
        return row

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[ResourceServer]:
        """Return the resource servers of a tenant, oldest first."""
        wanted = select(ResourceServer).order_by(ResourceServer.id)
        return [*transaction.tenant(tenant_id).scalars(wanted)]

    def _checked(
        self, transaction: Transaction, tenant_id: str, asked: NewResource
    ) -> dict[str, object]:
        values = check(asked, allow_http_loopback=self.allow_http_loopback)
        named = set(asked.client_ids or ())
        wanted = select(Client.id).where(Client.id.in_(named), Client.deleted_at.is_(None))
        known = set(transaction.tenant(tenant_id).scalars(wanted)) if named else set()
        if unknown := sorted(named - known):
            raise UnfitResource(
                said("The tenant has no client %(unknown)r.", unknown=unknown[0]),
                field="client_ids",
            )
        return values

    def _withdraw(
        self, transaction: Transaction, row: ResourceServer, now: NewResource, *, actor: Actor
    ) -> None:
        """Take from clients what they may not ask for any more."""
        scopes, rows = frozenset(now.scopes), self.all_of(transaction, row.tenant_id)
        for client in _asking(transaction, row):
            is_open = now.client_ids is None or client.id in now.client_ids
            offers = [offer_of(one, client.id) for one in rows]
            had = Wanted(tuple(client.audiences), tuple(client.scopes))
            kept = left(offers, had, Offer(row.audience, scopes, open=is_open))
            if kept == had:
                continue
            changes = {"audiences": [*kept.audiences], "scopes": [*kept.scopes]}
            self.amendments.amend(
                transaction, row.tenant_id, client.id, changes=changes, actor=actor
            )

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        row: ResourceServer,
        *,
        actor: Actor,
        told: _Told,
    ) -> None:
        transaction.tenant(row.tenant_id).flush()
        before, after = told
        record = Event(event, row.tenant_id, actor, resource=row.id, before=before, after=after)
        self.trail.record(transaction, record)


def scopes_of(row: ResourceServer) -> dict[str, str]:
    """Return the scopes of a resource server with what people read of them."""
    return {scope["name"]: scope["description"] for scope in row.scopes}


def described(
    transaction: Transaction, tenant_id: str, audiences: tuple[str, ...]
) -> list[ResourceServer]:
    """Return the resource servers of a tenant that these audiences name."""
    wanted = select(ResourceServer).where(ResourceServer.audience.in_(audiences))
    return [*transaction.tenant(tenant_id).scalars(wanted.order_by(ResourceServer.audience))]


def _asking(transaction: Transaction, row: ResourceServer) -> list[Client]:
    """Return the clients that have registered for a resource server."""
    named = cast(Client.audiences, String).contains(row.audience, autoescape=True)
    wanted = select(Client).where(named, Client.deleted_at.is_(None)).order_by(Client.id)
    found = transaction.tenant(row.tenant_id).scalars(wanted)
    return [client for client in found if row.audience in client.audiences]
