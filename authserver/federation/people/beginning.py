"""From a provider's word to the gate of every sign-in: what is still due, and by what it began."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Label

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.standing import Account
from authserver.audit.events import Actor, EventType
from authserver.core.database.engine import Transaction
from authserver.mfa.claims import Claimed
from authserver.mfa.notices import Reports
from authserver.mfa.partial import First, Hop
from authserver.mfa.policy import FEDERATED, is_due
from authserver.mfa.service import SecondFactors


@dataclass(frozen=True)
class Proved:
    """What a provider has proved, by which identity, and for whom.

    `proved`: a second factor, too; `asked`: the client wants one; `guest`: the account that the
    sign-in is for, if it is not at home.
    """

    identity_id: str
    proved: bool
    asked: bool
    guest: UserSnapshot | None


class Beginning:
    """Begins partial sign-ins."""

    def __init__(self, factors: SecondFactors, reports: Reports) -> None:
        """Take what asks for second factors, and what tells the trail."""
        self._factors = factors
        self._reports = reports

    @property
    def facts(self) -> Sequence[Label[Any]]:
        """Return what has to be known of the account."""
        return self._factors.facts

    def begin(
        self, transaction: Transaction, account: Account, hop: Hop, *, proof: Proved, by: Actor
    ) -> Claimed:
        """Begin a partial sign-in. A second factor is due as after a password.

        No browser's trust stands in for it: that was given for a password.
        """
        due = proof.proved or self._is_due(transaction, account, proof)
        first = First(FEDERATED, proof.identity_id)
        claimed = self._factors.begin(transaction, account, hop, factor_due=due, first=first)
        if proof.proved:
            self._prove(transaction, claimed)
        elif due:
            resource = f"identity:{proof.identity_id}"
            self._reports.record(
                transaction, EventType.UPSTREAM_ACCEPTED, account.user, by=by, resource=resource
            )
        return claimed

    def _is_due(self, transaction: Transaction, account: Account, proof: Proved) -> bool:
        due = is_due(
            has_factor=account.also["has_factor"],
            mandatory=account.also["mandatory"],
            asked=proof.asked,
        )
        guest = proof.guest
        return due or (guest is not None and self._factors.is_due_of(transaction, guest))

    def _prove(self, transaction: Transaction, claimed: Claimed) -> None:
        transaction.flush()
        partial = self._factors.find(transaction, claimed)
        if partial is None:
            raise LookupError("a partial sign-in of this very transaction")
        self._factors.prove_upstream(transaction, partial)
