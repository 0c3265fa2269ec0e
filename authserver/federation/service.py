"""Connections are made, changed, switched off and on, and removed.

A named platform service: a connection may belong to no tenant. `owner` is a tenant's id, or None
for the platform: nobody reaches the connections of somebody else by a name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.said import said
from authserver.federation.administration import ending, policy
from authserver.federation.administration.policy import Out
from authserver.federation.administration.rows import CHANGEABLE, add, columns, found, held
from authserver.federation.connections import of_row, secret_place
from authserver.federation.models import PLATFORM, FederationConnection
from authserver.federation.values import Connection
from authserver.roles import lookup
from authserver.tenants.service import bump_snapshots, instance_of

_Row = FederationConnection


@dataclass(frozen=True)
class Ended:
    """What ended: sign-ins that were past the provider, and what people were signed in to."""

    sign_ins: int = 0
    people: int = 0


class ConnectionService:
    """Changes of connections. Afterwards the caller tells the caches: `watch.changed()`.

    An actor without a principal is the operator.
    """

    def __init__(
        self, trail: Trail, clock: Clock, keyring: Keyring, *, allow_http_loopback: bool = False
    ) -> None:
        """Take where changes are recorded, the time, and what encrypts secrets.

        http on loopback is for development.
        """
        self._trail = trail
        self._clock = clock
        self._keyring = keyring
        self._allow_http_loopback = allow_http_loopback

    def create(
        self, transaction: Transaction, asked: Connection, *, secret: str, actor: Actor
    ) -> Connection:
        """Make a connection out of one whose id does not count; return it with its own.

        Raises UnfitConnection, UnknownRole, Refused, or Conflict for a name that its owner has.
        """
        secret, now = policy.check_secret(secret), self._clock.now()
        made = self._checked(transaction, replace(asked, id=new_id("idp")), has_secret=bool(secret))
        row = _Row(
            **columns(made),
            id=made.id,
            tenant_id=made.tenant_id,
            owner=made.tenant_id or PLATFORM,
            kind=made.kind.value,
            name=made.name,
            enabled=made.enabled,
            client_secret=self._keyring.encrypt_text(secret, secret_place(made.id)),
            version=1,
            created_at=now,
            updated_at=now,
        )
        add(transaction, row)
        after = {"kind": row.kind, "name": row.name, "enabled": row.enabled, **columns(made)}
        self._changed(transaction, row, EventType.CONNECTION_CREATED, actor=actor, after=after)
        return made

    def change(
        self,
        transaction: Transaction,
        owner: str | None,
        name: str,
        *,
        changes: Mapping[str, Any],
        actor: Actor,
    ) -> tuple[Connection, Ended]:
        """Change fields of a connection, and end what a stricter rule ends. Idempotent.

        Kind, name and server stay: who was linked by one provider is never somebody of another.
        Raises NotFound, UnfitConnection, UnknownRole, Refused.
        """
        if unknown := sorted(set(changes) - CHANGEABLE):
            raise policy.UnfitConnection(
                said("%(unknown)r of a connection cannot be changed.", unknown=unknown[0])
            )
        row = held(transaction, owner, name)
        old = of_row(row)
        wanted, has_secret = replace(old, **changes), row.client_secret is not None
        new = self._checked(transaction, wanted, has_secret=has_secret, before=old)
        before, after = columns(old), columns(new)
        differing = {field: after[field] for field in after if after[field] != before[field]}
        if not differing:
            return new, Ended()
        for field, value in differing.items():
            setattr(row, field, value)
        told = {field: before[field] for field in differing}
        event = EventType.CONNECTION_CHANGED
        self._changed(transaction, row, event, actor=actor, before=told, after=differing)
        return new, self._end(transaction, row, policy.ends(old, new), actor=actor)

    def set_secret(
        self,
        transaction: Transaction,
        owner: str | None,
        name: str,
        *,
        secret: str,
        actor: Actor,
    ) -> Connection:
        """Use another client secret from now on, empty for none; sign-ins under way use it, too.

        Raises NotFound, UnfitConnection.
        """
        row = held(transaction, owner, name)
        present, has_secret = of_row(row), bool(policy.check_secret(secret))
        connection = self._checked(transaction, present, has_secret=has_secret, before=present)
        row.client_secret = self._keyring.encrypt_text(secret, secret_place(row.id))
        self._changed(transaction, row, EventType.CONNECTION_SECRET_CHANGED, actor=actor)
        return connection

    def secret_of(self, transaction: Transaction, owner: str | None, name: str) -> str:
        """Return the client secret, empty for none: to compare, never to show. Raises NotFound."""
        row = found(transaction, owner, name)
        if row.client_secret is None:
            return ""
        return self._keyring.decrypt_text(row.client_secret, secret_place(row.id)) or ""

    def enable(
        self, transaction: Transaction, owner: str | None, name: str, *, actor: Actor
    ) -> Connection:
        """Let people sign in by a connection again; what ended stays ended. Idempotent."""
        row = held(transaction, owner, name)
        if not row.enabled:
            row.enabled = True
            self._changed(transaction, row, EventType.CONNECTION_ENABLED, actor=actor)
        return of_row(row)

    def disable(
        self, transaction: Transaction, owner: str | None, name: str, *, actor: Actor
    ) -> tuple[Connection, Ended]:
        """Switch a connection off at once, for whoever is on the way, too. Idempotent.

        People who came by it are signed out where their tenant says so. Raises NotFound.
        """
        row = held(transaction, owner, name)
        if not row.enabled:
            return of_row(row), Ended()
        row.enabled = False
        self._changed(transaction, row, EventType.CONNECTION_DISABLED, actor=actor)
        everything = policy.Ends(in_flight=True, out=Out.WHERE_WANTED, tokens=False)
        return of_row(row), self._end(transaction, row, everything, actor=actor)

    def get(self, transaction: Transaction, owner: str | None, name: str) -> Connection:
        """Return a connection of a tenant, or of the platform. Raises NotFound."""
        return of_row(found(transaction, owner, name))

    def all_of(self, transaction: Transaction, owner: str | None) -> list[Connection]:
        """Return the connections of a tenant, or the platform's, in their order."""
        wanted = select(_Row).where(_Row.owner == (owner or PLATFORM))
        ordered = wanted.order_by(_Row.position, _Row.label, _Row.id)
        return [of_row(row) for row in transaction.platform().scalars(ordered)]

    def _checked(
        self,
        transaction: Transaction,
        connection: Connection,
        *,
        has_secret: bool,
        before: Connection | None = None,
    ) -> Connection:
        """Return a connection that may be; what it gave before, and there is no more, is left out.

        The platform itself has no roles of its own.
        """
        was = before.roles if before else ()
        own = lookup.own_among(transaction, connection.tenant_id, (*connection.roles, *was))
        gone = {name for name in was if "/" in name and name not in own}
        return policy.check(
            connection.with_roles({name: role.name for name, role in own.items()}, gone),
            has_secret=has_secret,
            allow_http_loopback=self._allow_http_loopback,
            own={role.name: role.permissions for role in own.values()},
        )

    def _end(
        self, transaction: Transaction, row: _Row, what: policy.Ends, *, actor: Actor
    ) -> Ended:
        """End what a change of the connection ends. Its row is held."""
        sign_ins = ending.sign_ins_under_way(transaction, row.id) if what.in_flight else 0
        if what.tokens:
            ending.provider_tokens(transaction, row.id)
        if what.out is Out.NOBODY:
            return Ended(sign_ins)
        whose = ending.WHERE_WANTED if what.out is Out.WHERE_WANTED else ending.EVERYBODY
        people = self.end_sessions(
            transaction,
            of_row(row),
            whose=whose,
            second_factor=what.out is Out.SECOND_FACTOR,
            actor=actor,
        )
        return Ended(sign_ins, people)

    def end_sessions(
        self,
        transaction: Transaction,
        connection: Connection,
        *,
        whose: ColumnElement[bool],
        actor: Actor,
        second_factor: bool = False,
    ) -> int:
        """Sign out who came by a connection, told in each tenant's trail; return how many."""
        gone = ending.sessions(transaction, connection.id, whose, second_factor=second_factor)
        for tenant_id, people in gone.items():
            by = replace(actor, principal=actor.principal or tenant_id)
            event = Event(
                EventType.CONNECTION_SESSIONS_ENDED,
                tenant_id,
                by,
                resource=connection.id,
                facts={"connection": connection.name, "people": people},
            )
            self._trail.record(transaction, event)
        return sum(gone.values())

    def _changed(
        self,
        transaction: Transaction,
        row: _Row,
        event: EventType,
        *,
        actor: Actor,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        row.updated_at = self._clock.now()
        row.version += event is not EventType.CONNECTION_CREATED
        transaction.platform().flush()
        bump_snapshots(transaction)
        owner = row.tenant_id or instance_of(transaction)
        by = replace(actor, principal=actor.principal or owner)
        facts = {"name": row.name}
        record = Event(event, owner, by, None, row.id, facts=facts, before=before, after=after)
        self._trail.record(transaction, record)
