"""Naming a contact, and mailing it what its trail is: an anchor that a tenant keeps itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError, heads_at
from authserver.audit.checkpoints.values import Checkpoint, Head
from authserver.audit.contacts.models import TrailContact
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.problems import Problem
from authserver.core.values.said import reason, said
from authserver.delivery.outbox import Message, enqueue

EVERY = timedelta(days=1)
_AT_ONCE = 50


@dataclass(frozen=True)
class Contact:
    """Where a tenant's checkpoints go, and the last one that did."""

    address: str
    told_at: datetime | None
    checkpoint: int | None


class TrailContacts:
    """Keeps contacts, and mails them. A named platform service: it mails those of all tenants."""

    def __init__(self, database: Database, trail: Trail, clock: Clock, *, keyring: Keyring) -> None:
        """Take where they are, where changes are recorded, the time, and what encrypts mails."""
        self._database = database
        self._trail = trail
        self._clock = clock
        self._keyring = keyring
        self._reader = CheckpointReader()

    def of(self, transaction: Transaction, tenant_id: str) -> Contact | None:
        """Return a tenant's contact."""
        row = transaction.tenant(tenant_id).get(TrailContact, tenant_id)
        return Contact(row.address, row.told_at, row.checkpoint) if row else None

    def name(
        self, transaction: Transaction, tenant_id: str, *, address: str, actor: Actor
    ) -> Contact:
        """Let checkpoints be mailed there from now on. Raises Problem."""
        address = _checked(address)
        session = transaction.tenant(tenant_id)
        row = session.get(TrailContact, tenant_id)
        if row is None:
            row = TrailContact(tenant_id=tenant_id, address=address)
            session.add(row)
        elif row.address == address:
            return Contact(row.address, row.told_at, row.checkpoint)
        row.address, row.told_at, row.checkpoint = address, None, None
        session.flush()
        self._record(transaction, tenant_id, actor, address=address)
        return Contact(address, None, None)

    def remove(self, transaction: Transaction, tenant_id: str, *, actor: Actor) -> None:
        """Mail nobody any more."""
        session = transaction.tenant(tenant_id)
        row = session.get(TrailContact, tenant_id)
        if row is not None:
            session.delete(row)
            session.flush()
            self._record(transaction, tenant_id, actor, address="")

    def tell(self) -> list[str]:
        """Mail those who were not told for a day, some of them; return their tenants' ids."""
        return self._database.write(self._tell)

    def _tell(self, transaction: Transaction) -> list[str]:
        due = or_(TrailContact.told_at.is_(None), TrailContact.told_at <= self._clock.now() - EVERY)
        wanted = select(TrailContact).where(due).order_by(TrailContact.tenant_id).limit(_AT_ONCE)
        rows = transaction.platform().scalars(wanted).all()
        try:
            newest = self._reader.newest(transaction) if rows else None
        except NoCheckpointError:
            newest = None
        if newest is None:
            return []
        heads = {head.tenant_id: head for head, _ in heads_at(transaction, newest.number)}
        for row in rows:
            if row.tenant_id in heads:
                self._mail(transaction, row, newest, head=heads[row.tenant_id])
            row.told_at, row.checkpoint = self._clock.now(), newest.number
        return [row.tenant_id for row in rows]

    def _mail(
        self, transaction: Transaction, row: TrailContact, newest: Checkpoint, *, head: Head
    ) -> None:
        values = {
            "number": str(newest.number),
            "size": str(head.size),
            "root": head.root.hex(),
            "note": newest.note,
        }
        message = Message(row.tenant_id, None, row.address, "trail_checkpoint", values)
        enqueue(transaction, message, keyring=self._keyring, now=self._clock.now())

    def _record(
        self, transaction: Transaction, tenant_id: str, actor: Actor, *, address: str
    ) -> None:
        event = Event(
            EventType.TRAIL_CONTACT_CHANGED,
            tenant_id,
            actor,
            resource="trail contact",
            facts={"named": bool(address)},
            private={"contact": address} if address else {},
        )
        self._trail.record(transaction, event)


def _checked(address: str) -> str:
    try:
        return parse_email(address.strip()).as_typed
    except InvalidEmail as error:
        why = reason(error)
        text = said("The email address is not usable: %(why)s.", why=why)
        raise Problem(text, field="address") from error
