"""Tells administrators of a client that its last secret ends. A named platform service."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.models import Client, ClientSecret
from authserver.clients.rotation import notices
from authserver.clients.rotation.policy import WARNINGS, warnings_due
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.delivery.outbox import enqueue

_BATCH = 100
Administrators = Callable[[Transaction, str], list[UserSnapshot]]


@dataclass(frozen=True)
class SecretExpiry:
    """Looks for secrets that end soon, of clients that then have none.

    `administrators` of a tenant get the mail.
    """

    database: Database
    trail: Trail
    keyring: Keyring
    clock: Clock
    administrators: Administrators

    def tell(self) -> list[str]:
        """Tell about some of them; return the ids of the secrets that were told of."""
        with self.database.read() as view:
            found = [
                (row.tenant_id, row.id)
                for row in view.platform().scalars(self._ending())
                if row.expires_at and warnings_due(row.expires_at, self.clock.now()) > row.warnings
            ]
        return [secret_id for tenant_id, secret_id in found if self._tell(tenant_id, secret_id)]

    def _ending(self) -> Select[ClientSecret]:
        now, later = self.clock.now(), aliased(ClientSecret)
        lasts_longer = select(later.id).where(
            later.tenant_id == ClientSecret.tenant_id,
            later.client_id == ClientSecret.client_id,
            later.revoked_at.is_(None),
            or_(later.expires_at.is_(None), later.expires_at > ClientSecret.expires_at),
        )
        first, second = (ClientSecret.expires_at <= now + before for before in WARNINGS)
        due = or_(
            and_(first, ClientSecret.warnings < 1),
            and_(second, ClientSecret.warnings < len(WARNINGS)),
        )
        return (
            select(ClientSecret)
            .join(Client, Client.id == ClientSecret.client_id)
            .where(
                ClientSecret.expires_at > now,
                ClientSecret.revoked_at.is_(None),
                Client.disabled_at.is_(None),
                due,
                ~lasts_longer.exists(),
            )
            .order_by(ClientSecret.expires_at)
            .limit(_BATCH)
        )

    def _tell(self, tenant_id: str, secret_id: str) -> bool:
        """Tell of one, unless another process was faster."""

        def job(transaction: Transaction) -> bool:
            session = transaction.tenant(tenant_id)
            row = session.get(ClientSecret, secret_id, with_for_update=True)
            if row is None or row.expires_at is None or row.revoked_at is not None:
                return False
            due = warnings_due(row.expires_at, self.clock.now())
            client = session.get(Client, row.client_id)
            if due <= row.warnings or client is None:
                return False
            row.warnings = due
            for user in self.administrators(transaction, tenant_id):
                message = notices.secret_ends(user, client.name, at=row.expires_at)
                enqueue(transaction, message, keyring=self.keyring, now=self.clock.now())
            self._record(transaction, client, row)
            return True

        return self.database.write(job)

    def _record(self, transaction: Transaction, client: Client, row: ClientSecret) -> None:
        ends = row.expires_at.isoformat() if row.expires_at else None
        event = Event(
            EventType.CLIENT_SECRET_EXPIRY_TOLD,
            row.tenant_id,
            Actor(ActorKind.SERVER, row.tenant_id, new_id("req")),
            resource=client.id,
            facts={"secret": row.id, "expires_at": ends},
        )
        self.trail.record(transaction, event)
