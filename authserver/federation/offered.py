"""Identities that fit no account: whoever signs in at that hop of that browser may have them."""

from dataclasses import dataclass
from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.federation.connectors.base import Answer
from authserver.federation.identities import Identities
from authserver.federation.values import Connection
from authserver.mfa.partial import Hop


@dataclass(frozen=True)
class Offered:
    """What is offered, as pages show it."""

    id: str
    connection_label: str
    label: str


class Offers:
    """Keeps what was proved and fits no account, until somebody signs in there."""

    def __init__(self, identities: Identities) -> None:
        """Take what links."""
        self._identities = identities

    def make(
        self, transaction: Transaction, hop: Hop, answer: Answer, *, connection: Connection
    ) -> None:
        """Keep an answer for the hop, instead of any before."""
        raise NotImplementedError

    def waiting(self, transaction: Transaction, hop: Hop, *, now: datetime) -> Offered | None:
        """Return what is offered at the hop, None where nothing is."""
        raise NotImplementedError

    def take(self, transaction: Transaction, hop: Hop, user: UserSnapshot, *, by: Actor) -> bool:
        """Link what is offered at the hop to whoever has just signed in there; single use."""
        raise NotImplementedError

    def decline(self, transaction: Transaction, hop: Hop) -> None:
        """Forget what is offered at the hop."""
        raise NotImplementedError
