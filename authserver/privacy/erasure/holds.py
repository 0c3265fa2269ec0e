"""Legal holds: while one stands, nothing of the person is erased (GDPR Article 17(3)(e))."""

from dataclasses import replace

from sqlalchemy import Select, delete, select

from authserver.accounts.standing import held
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.core.values.reasons import check_reason
from authserver.privacy.erasure.models import LegalHold
from authserver.privacy.erasure.values import By, HoldView, Whom
from authserver.privacy.keeping.models import TrailKeeping


class LegalHolds:
    """Sets and lifts holds. Both say who, and why the data has to stay."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take the trail, and the time."""
        self._trail = trail
        self._clock = clock

    def set(self, transaction: Transaction, whom: Whom, reason: str, *, by: By) -> HoldView:
        """Let nothing of a person be erased. Raises NotFound, UnfitReason, Conflict for a second.

        A person whose erasure has begun is not found any more.
        """
        why = check_reason(reason)
        held(transaction, *whom)
        if stands(transaction, whom):
            raise Conflict("There is a legal hold already: lift it before setting another.")
        actor = replace(by.actor, principal=by.actor.principal or whom.tenant_id)
        row = LegalHold(
            id=new_id("hld"),
            user_id=whom.user_id,
            reason=why,
            set_by=actor.principal,
            set_at=self._clock.now(),
        )
        session = transaction.tenant(whom.tenant_id)
        session.add(row)
        session.flush()
        event = Event(
            EventType.LEGAL_HOLD_SET,
            whom.tenant_id,
            actor,
            subject=whom.user_id,
            resource=f"legal_hold:{row.id}",
            private={"reason": why},
        )
        self._trail.record(transaction, event)
        return _view(row)

    def lift(self, transaction: Transaction, whom: Whom, *, by: By) -> HoldView:
        """Let what waits behind the hold go on. Raises NotFound where none stands."""
        held(transaction, *whom)
        session = transaction.tenant(whom.tenant_id)
        row = session.scalar(_standing(whom))
        if row is None:
            raise NotFound("There is no legal hold.")
        actor = replace(by.actor, principal=by.actor.principal or whom.tenant_id)
        row.lifted_by, row.lifted_at = actor.principal, self._clock.now()
        # Events that were passed over for the hold are looked at again.
        session.execute(delete(TrailKeeping))
        session.flush()
        event = Event(
            EventType.LEGAL_HOLD_LIFTED,
            whom.tenant_id,
            actor,
            subject=whom.user_id,
            resource=f"legal_hold:{row.id}",
        )
        self._trail.record(transaction, event)
        return _view(row)


def of_person(transaction: Transaction, whom: Whom) -> list[HoldView]:
    """Return every hold that there was, the latest first."""
    wanted = select(LegalHold).where(LegalHold.user_id == whom.user_id)
    rows = transaction.tenant(whom.tenant_id).scalars(wanted.order_by(LegalHold.id.desc()))
    return [_view(row) for row in rows]


def stands(transaction: Transaction, whom: Whom) -> bool:
    """Tell whether a hold stops what is asked."""
    return transaction.tenant(whom.tenant_id).scalar(_standing(whom)) is not None


def _standing(whom: Whom) -> Select[LegalHold]:
    return select(LegalHold).where(LegalHold.user_id == whom.user_id, LegalHold.lifted_at.is_(None))


def _view(row: LegalHold) -> HoldView:
    return HoldView(row.id, row.reason, row.set_by, row.set_at, row.lifted_by, row.lifted_at)
