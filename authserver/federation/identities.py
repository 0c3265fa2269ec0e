"""The identities of a person: shown, linked, unlinked. Each link is told by mail."""

from dataclasses import dataclass
from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.federation.connectors.base import Answer
from authserver.federation.values import Connection, Kind
from authserver.mfa.notices import Reports


@dataclass(frozen=True)
class Linked:
    """An identity that signs a person in, as pages show it."""

    id: str
    connection_id: str
    connection_label: str
    kind: Kind
    label: str
    created_at: datetime
    last_used_at: datetime | None


class Identities:
    """Links people to those whom providers know. Part of somebody else's job: commits nothing."""

    def __init__(self, reports: Reports) -> None:
        """Take what tells the trail and the person."""
        self._reports = reports

    def of_person(self, transaction: Transaction, user: UserSnapshot) -> list[Linked]:
        """Return the person's identities, the oldest first."""
        raise NotImplementedError

    def link(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        answer: Answer,
        *,
        connection: Connection,
        by: Actor,
    ) -> str:
        """Link an identity to an account and mail both addresses; return its id.

        Raises Conflict where it is somebody else's, or the account has another one of this
        connection; Refused where the tenant does not admit the connection.
        """
        raise NotImplementedError

    def unlink(
        self, transaction: Transaction, user: UserSnapshot, identity_id: str, *, by: Actor
    ) -> UserSnapshot:
        """Take a link away and mail both addresses; return the account with its new epoch.

        Everything that is signed in ends: the caller lets its own session go on. Raises NotFound,
        or LastWayIn where nothing else opens the account.
        """
        raise NotImplementedError

    def forget_all(self, transaction: Transaction, user: UserSnapshot) -> int:
        """Take every link away, with the provider's tokens; return how many there were."""
        raise NotImplementedError
