"""The outbox: a message is a row in the transaction of what it tells of.

So nothing is announced that did not happen, and nothing that happened stays untold. The content is
encrypted for its row: addresses, names and later links are in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.delivery.models import OutboxMessage

BELL = "mail"


@dataclass(frozen=True)
class Message:
    """A mail to one person. `values` are what the template needs, `locale` its language."""

    tenant_id: str
    user_id: str | None
    to: str
    template: str
    values: Mapping[str, str] = field(default_factory=dict)
    locale: str | None = None


@dataclass(frozen=True)
class Content:
    """What a row holds in its encrypted column."""

    to: str
    values: Mapping[str, str]
    locale: str | None


def enqueue(transaction: Transaction, message: Message, *, keyring: Keyring, now: datetime) -> str:
    """Add the message to the open transaction, due at once; return its id.

    What sends mail in this process is woken when it is committed.
    """
    message_id = new_id("msg")
    document = {"to": message.to, "values": dict(message.values), "locale": message.locale}
    row = OutboxMessage(
        id=message_id,
        user_id=message.user_id,
        template=message.template,
        content=keyring.encrypt(orjson.dumps(document), _place(message_id)),
        created_at=now,
        due_at=now,
    )
    transaction.tenant(message.tenant_id).add(row)
    transaction.ring(BELL)
    return message_id


def open_content(message_id: str, content: bytes, keyring: Keyring) -> Content:
    """Return what `enqueue` wrote. Raises DecryptionError."""
    return Content(**orjson.loads(keyring.decrypt(content, _place(message_id))))


def _place(message_id: str) -> Place:
    return Place("outbox_messages", "content", message_id)
