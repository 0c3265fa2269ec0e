"""What a grant is, and what it works with."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from authserver.accounts import service as accounts
from authserver.accounts.directory import snapshot
from authserver.accounts.notices import application_signed_out
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.delivery.outbox import enqueue
from authserver.oauth.access_tokens import AccessTokens
from authserver.oauth.assertions.keys import IssuerKeySets
from authserver.oauth.token.request import TokenRequest
from authserver.tokens import families, statements
from authserver.tokens.authorization import Authorization, TokenSet
from authserver.usage.meter import Meter

_REASONS = {
    EventType.CODE_REPLAYED: families.RevocationReason.CODE_REPLAYED,
    EventType.REFRESH_REUSED: families.RevocationReason.REFRESH_REUSED,
}


def client_stands(transaction: Transaction, client: RegisteredClient) -> bool:
    """Tell whether client and tenant are still what the snapshot says."""
    wanted = {"tenant_id": client.tenant.id, "client_id": client.id}
    state = transaction.look_up(
        ("machine", client.tenant.id, client.id),
        lambda: transaction.row(statements.MACHINE_STATE, wanted),
    )
    versions = (client.version, client.tenant.version)
    return state is not None and (state["version"], state["tenant_version"]) == versions


class FamilyCredential(Protocol):
    """A code or a refresh token: what says which family it belongs to, and whose that is."""

    @property
    def tenant_id(self) -> str:
        """The person's tenant."""

    @property
    def family_id(self) -> str:
        """The family."""

    @property
    def user_id(self) -> str:
        """The person."""


@dataclass(frozen=True)
class GrantTools:
    """What grants need of the world."""

    database: Database
    trail: Trail
    keyring: Keyring
    clock: Clock
    access_tokens: AccessTokens
    refresh_idle: timedelta
    refresh_absolute: timedelta
    refresh_grace: timedelta
    exchange_depth: int
    assertion_life: timedelta
    issuer_keys: IssuerKeySets
    meter: Meter


class Grant(ABC):
    """One grant type, for one request."""

    def __init__(self, tools: GrantTools, request: TokenRequest) -> None:
        """Take the request that the checks let through."""
        self.tools = tools
        self.request = request

    @abstractmethod
    async def authorize(self) -> "Authorization | bytes":
        """Return what may be issued, or an answer that was given before. Writes only refusals."""

    @abstractmethod
    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Claim what is single-use and store what was issued, in one transaction.

        False when somebody else was first or something moved on: nothing was written, ask again.
        """

    async def end_family(self, credential: FamilyCredential, type_: EventType) -> None:
        """End everything that came of a credential used twice, and tell the person once."""
        event = self.family_event(credential, type_)

        def job(transaction: Transaction) -> None:
            ended = families.revoke(
                transaction,
                self.tools.trail,
                event,
                family_id=credential.family_id,
                reason=_REASONS[type_],
                now=self.request.now,
            )
            if ended:
                self._tell_person(transaction, credential)

        await self.tools.database.stored(job)

    def _tell_person(self, transaction: Transaction, credential: FamilyCredential) -> None:
        user = snapshot(accounts.get(transaction, credential.tenant_id, credential.user_id))
        now = self.request.now
        message = application_signed_out(user, self.request.client.name, now=now)
        enqueue(transaction, message, keyring=self.tools.keyring, now=now)

    def family_event(self, credential: FamilyCredential, type_: EventType) -> Event:
        """Return an event about the family of a credential; the client acts."""
        return families.family_event(
            type_,
            tenant_id=credential.tenant_id,
            family_id=credential.family_id,
            user_id=credential.user_id,
            actor=self.request.actor(),
        )
