"""/tenants/{tenant_id}/users/{user_id}/legal-hold: what stops an erasure, by whom and why."""

from collections.abc import Sequence
from datetime import datetime

from authserver.accounts.service import get
from authserver.admin.api.people.shown import Reason
from authserver.admin.api.people.tools import USER
from authserver.admin.api.privacy.consents import LIST
from authserver.admin.api.privacy.erasures import ErasureShown, acting, shown, whom
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.core.database.engine import Transaction
from authserver.privacy.erasure import holds
from authserver.privacy.erasure.holds import LegalHolds
from authserver.privacy.erasure.service import Erasures
from authserver.privacy.erasure.values import HoldView
from authserver.roles.catalogue import Permission


class HoldShown(Shown):
    """A legal hold: why, and the ids of who set and lifted it (the tenant's: the operator)."""

    id: str
    reason: str
    set_by: str
    set_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class ErasureStanding(Shown):
    """The erasure that is under way, if one is, and every legal hold, the latest first."""

    erasure: ErasureShown | None
    holds: tuple[HoldShown, ...]


class HoldsApi:
    """Operations on legal holds."""

    def __init__(self, erasures: Erasures, legal_holds: LegalHolds) -> None:
        """Take what knows erasures, and what sets and lifts holds."""
        self._erasures = erasures
        self._holds = legal_holds

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write, hold = Permission.USERS_WRITE, f"{USER}/legal-hold"
        return (
            Operation(
                "GET", f"{USER}/erasure", Does.READ, Permission.USERS_READ,
                self.read_user_erasure, "Read whether a person is to be erased, or held", LIST,
                shows=ErasureStanding,
            ),
            Operation(
                "POST", hold, Does.CHANGE, write, self.set_legal_hold,
                "Let nothing of a person be erased, for a reason", LIST, body=Reason,
                shows=HoldShown, sensitive=True,
            ),
            Operation(
                "POST", f"{hold}/lift", Does.CHANGE, write, self.lift_legal_hold,
                "Let what waits behind a legal hold go on", LIST, shows=HoldShown, sensitive=True,
            ),
        )  # fmt: skip

    def read_user_erasure(self, transaction: Transaction, call: Call) -> Reply:
        """Return how it stands with a person."""
        person = whom(call)
        get(transaction, *person)
        under_way = self._erasures.of_person(transaction, person)
        found = holds.of_person(transaction, person)
        return Reply(
            ErasureStanding(
                erasure=shown(under_way) if under_way else None, holds=tuple(map(_hold, found))
            )
        )

    def set_legal_hold(self, transaction: Transaction, call: Call) -> Reply:
        """Set a hold."""
        reason: Reason = call.body
        held = self._holds.set(transaction, whom(call), reason.reason, by=acting(call))
        return Reply(_hold(held))

    def lift_legal_hold(self, transaction: Transaction, call: Call) -> Reply:
        """Lift it."""
        return Reply(_hold(self._holds.lift(transaction, whom(call), by=acting(call))))


def _hold(one: HoldView) -> HoldShown:
    return HoldShown(**vars(one))
