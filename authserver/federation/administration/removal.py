"""Removing a connection: first everybody's link, a few people at a time, then the row.

A named platform service: people of several tenants may be connected by one of the platform.
"""

from dataclasses import dataclass, replace

from sqlalchemy import delete, select

from authserver.accounts.directory import snapshot
from authserver.accounts.models import User
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.core.said import said
from authserver.delivery.outbox import enqueue
from authserver.federation.administration import ending, notices
from authserver.federation.administration.rows import columns, held
from authserver.federation.connections import of_row
from authserver.federation.models import FederatedIdentity, FederationConnection
from authserver.tenants.domains import forget_routes
from authserver.tenants.models import Tenant
from authserver.tenants.service import bump_snapshots, instance_of

AT_ONCE = 100  # people of one transaction, each with an event and a mail or two


@dataclass(frozen=True)
class Removal:
    """Takes connections away that are switched off. An actor without a principal is the operator.

    Afterwards the caller tells the caches: `watch.changed()`.
    """

    trail: Trail
    keyring: Keyring
    clock: Clock

    def unlink_some(
        self, transaction: Transaction, owner: str | None, name: str, *, actor: Actor
    ) -> int:
        """End some people's links, and all they are signed in to; return how many, 0 at the end.

        Everybody gets a mail, at both addresses. Raises NotFound, or Conflict while it is enabled.
        """
        row = _held_disabled(transaction, owner, name)
        some = ending.linked(transaction, row.id, AT_ONCE)
        ending.links(transaction, [identity for identity, _ in some])
        for identity, user in some:
            self._tell(transaction, row, identity, user=user, actor=actor)
        return len(some)

    def remove(
        self, transaction: Transaction, owner: str | None, name: str, *, actor: Actor
    ) -> None:
        """Remove a connection that nobody is linked by any more, and where it is named.

        Raises NotFound, or Conflict while it is enabled or there are links.
        """
        row = _held_disabled(transaction, owner, name)
        if ending.linked(transaction, row.id, 1):
            raise Conflict(
                said("There are people whose accounts are linked by '%(name)s'.", name=name)
            )
        ending.sign_ins_under_way(transaction, row.id)
        forget_routes(transaction, row.id)
        if row.tenant_id is None:
            _forget_name(transaction, name)
        transaction.platform().flush()
        gone = delete(FederationConnection).where(FederationConnection.id == row.id)
        before = {"kind": row.kind, **columns(of_row(row))}
        transaction.platform().execute(gone, execution_options={"synchronize_session": False})
        bump_snapshots(transaction)
        tenant_id = row.tenant_id or instance_of(transaction)
        by = replace(actor, principal=actor.principal or tenant_id)
        self.trail.record(
            transaction,
            Event(
                EventType.CONNECTION_REMOVED,
                tenant_id,
                by,
                resource=row.id,
                facts={"name": name},
                before=before,
            ),
        )

    def _tell(
        self,
        transaction: Transaction,
        row: FederationConnection,
        identity: FederatedIdentity,
        *,
        user: User,
        actor: Actor,
    ) -> None:
        by = replace(actor, principal=actor.principal or user.tenant_id)
        event = Event(
            EventType.IDENTITY_UNLINKED,
            user.tenant_id,
            by,
            subject=user.id,
            resource=f"identity:{identity.id}",
            facts={"connection": row.id, "how": "connection_removed"},
        )
        self.trail.record(transaction, event)
        now = self.clock.now()
        told = snapshot(user)
        for message in notices.connection_removed(told, row.label, identity.email, now=now):
            enqueue(transaction, message, keyring=self.keyring, now=now)


def _held_disabled(transaction: Transaction, owner: str | None, name: str) -> FederationConnection:
    row = held(transaction, owner, name)
    if row.enabled:
        raise Conflict(said("The connection '%(name)s' is in use: disable it first.", name=name))
    return row


def _forget_name(transaction: Transaction, name: str) -> None:
    """Take a name out of what tenants allow: another connection may have it one day."""
    wanted = select(Tenant).where(Tenant.platform_connections.is_not(None)).with_for_update()
    for tenant in transaction.platform().scalars(wanted):
        allowed = tenant.platform_connections
        if allowed and name in allowed:
            tenant.platform_connections = [one for one in allowed if one != name]
            tenant.version += 1
