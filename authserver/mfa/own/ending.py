"""The end of every second factor of a person at once, and of all that stands on them.

For a reset by an administrator, and for the first proof of an address, which takes away what
somebody else may have left in the account (decision 0017). What is due afterwards, sessions and the
mail among it, is the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete

from authserver.accounts.directory import UserSnapshot
from authserver.core.database.engine import Transaction
from authserver.mfa import authenticators
from authserver.mfa.models import (
    BackupCode,
    BackupCodeSheet,
    GuessCounter,
    PartialSignIn,
    TotpFactor,
    TrustedBrowser,
)
from authserver.passkeys import credentials

_OF_A_PERSON = (
    TotpFactor,
    BackupCode,
    BackupCodeSheet,
    TrustedBrowser,
    GuessCounter,
    PartialSignIn,
)


@dataclass(frozen=True)
class Ended:
    """The ids of the factors that counted until now."""

    apps: Sequence[str]
    passkeys: Sequence[str]

    @property
    def facts(self) -> dict[str, object]:
        """Return what the trail says of it."""
        return {"authenticators": len(self.apps), "passkeys": len(self.passkeys)}


def end_all(transaction: Transaction, user: UserSnapshot) -> Ended:
    """Take away apps, passkeys, backup codes, trust, sign-ins half done, and all counts of guesses.

    Whoever calls holds the person's row.
    """
    ended = Ended(
        authenticators.all_of(transaction, user),
        credentials.forget_all(transaction, user.tenant_id, user.id),
    )
    session = transaction.tenant(user.tenant_id)
    for model in _OF_A_PERSON:
        session.execute(delete(model).where(model.user_id == user.id))
    return ended


def wipe(transaction: Transaction, user: UserSnapshot) -> dict[str, object]:
    """Do so for the first proof of an address; return what there was, for the trail."""
    return end_all(transaction, user).facts
