"""Mailing contacts what their trail is, once a day: an anchor that a tenant keeps itself."""

from datetime import timedelta

from sqlalchemy import or_, select

from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError, heads_at
from authserver.audit.checkpoints.values import Checkpoint, Head
from authserver.audit.contacts.models import TrailContact
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.delivery.outbox import Message, enqueue

EVERY = timedelta(days=1)
_AT_ONCE = 50


class ContactTelling:
    """Mails contacts. A named platform service: it mails those of all tenants."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        """Take where they are, what encrypts mails, and the time."""
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._reader = CheckpointReader()

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
