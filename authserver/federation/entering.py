"""Signing in by what a provider said: one job, from the checked answer to the partial sign-in."""

from dataclasses import dataclass

from authserver.accounts.directory import Audience, UserSnapshot
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.federation.connectors.base import Answer
from authserver.federation.policy import Decision
from authserver.federation.values import Connection
from authserver.mfa.claims import Claimed
from authserver.mfa.partial import Hop


@dataclass(frozen=True)
class Attempt:
    """Somebody whom a provider has proved, at an entry.

    `registers` is the id of the tenant in which strangers may get an account there, if there is
    one; `second_factor` says that the client asks for one.
    """

    connection: Connection
    answer: Answer
    audience: Audience
    organization: str | None
    hop: Hop
    registers: str | None
    second_factor: bool
    by: Actor


@dataclass(frozen=True)
class Outcome:
    """What became of it; with a partial sign-in to go on with, where an account was found or made.

    `guest` is the account that the sign-in is for, if it is not at home.
    """

    decision: Decision
    claimed: Claimed | None = None
    guest: UserSnapshot | None = None


class FederatedSignIn:
    """Decides about what providers say."""

    def enter(self, transaction: Transaction, attempt: Attempt) -> Outcome:
        """Sign in, link, make an account, offer to sign in, or refuse; begin what comes of it."""
        raise NotImplementedError
