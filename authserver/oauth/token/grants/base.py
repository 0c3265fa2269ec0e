"""What a grant is, and what it works with."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta

from authserver.audit.service import Trail
from authserver.core.database.engine import Database, Transaction
from authserver.oauth.token.request import TokenRequest
from authserver.tokens.authorization import Authorization, TokenSet


@dataclass(frozen=True)
class GrantTools:
    """What grants need of the world."""

    database: Database
    trail: Trail
    refresh_idle: timedelta
    refresh_absolute: timedelta
    refresh_grace: timedelta


class Grant(ABC):
    """One grant type, for one request."""

    def __init__(self, tools: GrantTools, request: TokenRequest) -> None:
        """Take the request that the checks let through."""
        self.tools = tools
        self.request = request

    @abstractmethod
    def authorize(self) -> "Authorization | bytes":
        """Return what may be issued, or an answer that was given before. Writes only refusals."""

    @abstractmethod
    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Claim what is single-use and store what was issued, in one transaction.

        False when somebody else was first or something moved on: nothing was written, ask again.
        """
