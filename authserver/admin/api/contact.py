"""/tenants/{tenant_id}/trail/contact: where the trail's checkpoint is mailed once a day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.audit.contacts.service import Contact, TrailContacts
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission

_TAG = "events"
_PATH = "/tenants/{tenant_id}/trail/contact"


class ContactShown(Shown):
    """The contact, null where nobody is mailed, and the last checkpoint that was."""

    address: str | None
    told_at: datetime | None
    checkpoint: int | None


class NewContact(Given):
    """The mailbox of a security team, best where the server's administrators cannot delete."""

    address: Annotated[str, Field(min_length=3, max_length=254)]


class TrailContactApi:
    """Operations on it."""

    def __init__(self, contacts: TrailContacts) -> None:
        """Take what keeps it."""
        self._contacts = contacts

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE
        return (
            Operation(
                "GET", _PATH, Does.READ, read, self.read_contact,
                "Read where the trail's checkpoint is mailed once a day", _TAG,
                shows=ContactShown,
            ),
            Operation(
                "PUT", _PATH, Does.CHANGE, write, self.name_contact,
                "Have the trail's checkpoint mailed once a day", _TAG, body=NewContact,
                shows=ContactShown,
            ),
            Operation(
                "DELETE", _PATH, Does.CHANGE, write, self.remove_contact,
                "Have the trail's checkpoint mailed no more", _TAG, shows=ContactShown,
            ),
        )  # fmt: skip

    def read_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Return it."""
        return _reply(self._contacts.of(transaction, call.path["tenant_id"]))

    def name_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Let it be that one."""
        return _reply(
            self._contacts.name(
                transaction,
                call.path["tenant_id"],
                address=call.body.address,
                actor=call.caller.actor,
            )
        )

    def remove_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Let there be none."""
        self._contacts.remove(transaction, call.path["tenant_id"], actor=call.caller.actor)
        return _reply(None)


def _reply(contact: Contact | None) -> Reply:
    one = contact or Contact("", None, None)
    return Reply(
        ContactShown(address=one.address or None, told_at=one.told_at, checkpoint=one.checkpoint)
    )
