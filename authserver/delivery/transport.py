"""A way out, and three ways in which it fails. Their texts are ours: no address is in them."""

from email.message import EmailMessage
from typing import Protocol


class Transport(Protocol):
    """A way out. `send` returns when the message is handed over for good, or raises."""

    def send(self, message_id: str, message: EmailMessage) -> None:
        """Hand the message over. A folder never takes one twice; a mail server may (see smtp)."""


class DeliveryError(Exception):
    """The message was not handed over. The text may be logged and shown to operators."""


class Deferred(DeliveryError):  # noqa: N818  what the receiver said
    """Not now: this message is worth another try later."""


class Rejected(DeliveryError):  # noqa: N818  what the receiver said
    """Never: another try would end the same way."""


class Unreachable(DeliveryError):  # noqa: N818  it is a state
    """No message can leave now, whichever it is."""
