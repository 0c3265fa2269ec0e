"""/tenants/{tenant_id}/trail/contact: where the trail's checkpoint is mailed once a day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.audit.contacts.service import TrailContacts
from authserver.audit.contacts.values import Contact
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission

_TAG = "events"
_PATH = "/tenants/{tenant_id}/trail/contact"


class WaitingContact(Shown):
    """A mailbox that becomes the contact when the link in the mail to it is used, until then."""

    address: str
    until: datetime


class ContactShown(Shown):
    """The contact, null where nobody is mailed, and the last checkpoint that was.

    `waiting` is the mailbox that takes its place once it is confirmed.
    """

    address: str | None
    told_at: datetime | None
    checkpoint: int | None
    waiting: WaitingContact | None


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
                "Have the trail's checkpoint mailed once a day, to a mailbox that confirms it",
                _TAG, body=NewContact, shows=ContactShown, sensitive=True,
            ),
            Operation(
                "DELETE", _PATH, Does.CHANGE, write, self.remove_contact,
                "Have the trail's checkpoint mailed no more", _TAG, shows=ContactShown,
                sensitive=True,
            ),
            Operation(
                "POST", f"{_PATH}/resend", Does.CHANGE, write, self.resend_contact,
                "Mail the link to the mailbox that waits again", _TAG, shows=ContactShown,
            ),
            Operation(
                "POST", f"{_PATH}/withdraw", Does.CHANGE, write, self.withdraw_contact,
                "Call off the mailbox that waits", _TAG, shows=ContactShown,
            ),
        )  # fmt: skip

    def read_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Return it."""
        return _reply(self._contacts.of(transaction, call.path["tenant_id"]))

    def name_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Mail that one a link: it is the contact once that is used."""
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
        return _reply(Contact())

    def resend_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Mail a new link. Raises Conflict where nobody waits, TooManyRequests."""
        tenant_id, actor = call.path["tenant_id"], call.caller.actor
        return _reply(self._contacts.resend(transaction, tenant_id, actor=actor))

    def withdraw_contact(self, transaction: Transaction, call: Call) -> Reply:
        """Let the contact stay who it is."""
        tenant_id, actor = call.path["tenant_id"], call.caller.actor
        return _reply(self._contacts.withdraw(transaction, tenant_id, actor=actor))


def _reply(one: Contact) -> Reply:
    waits = one.waiting
    return Reply(
        ContactShown(
            address=one.address,
            told_at=one.told_at,
            checkpoint=one.checkpoint,
            waiting=WaitingContact(address=waits.address, until=waits.until) if waits else None,
        )
    )
