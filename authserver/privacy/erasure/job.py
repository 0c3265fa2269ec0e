"""An erasure in the background: the account is closed, its rows go step by step, then the rest."""

from dataclasses import replace

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.notices import to_person
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.core.problems import NotFound
from authserver.delivery.outbox import enqueue
from authserver.jobs.values import JobView, Step
from authserver.privacy.erasure import applying, holds
from authserver.privacy.erasure.models import Erasure
from authserver.privacy.erasure.service import Erasures, Tools, find
from authserver.privacy.erasure.values import KIND, RECEIPT_PURPOSE, State, Whom
from authserver.privacy.links import new_token
from authserver.trail_exports.withdrawing import Withdrawal

PATH = "/login/receipt"


class ErasePerson:
    """Erases."""

    kind = KIND

    def __init__(self, erasures: Erasures, tools: Tools, withdrawal: Withdrawal) -> None:
        """Take what follows with guest accounts, the services, and what takes files back."""
        self._erasures = erasures
        self._home = tools.home
        self._trail = tools.trail
        self._keyring = tools.keyring
        self._clock = tools.clock
        self._withdrawal = withdrawal

    def step(self, transaction: Transaction, job: JobView) -> Step:
        """Delete some rows; with none left, do the rest. Raises NotFound once it was called off.

        A hold that was set in the meantime puts it back: it begins anew when that is lifted.
        """
        row = find(transaction, job.tenant_id, str(job.settings["erasure_id"]))
        user = self._held(transaction, row)
        if row.state == State.WAITING and row.job_id == job.id:
            if holds.stands(transaction, Whom(row.tenant_id, row.user_id)):
                row.job_id = None
                return Step(finished=True, result={"held": True})
            self._close(transaction, row, user)
            return Step(rows=1)
        if row.state == State.DONE:
            self._withdraw(transaction, row.tenant_id, job)
            return Step(finished=True)
        if row.state != State.ERASING:
            raise NotFound("The erasure was called off.")
        gone = applying.delete_some(transaction, user)
        if gone is not None:
            name, rows = gone
            row.removed = {**row.removed, name: row.removed.get(name, 0) + rows}
            return Step(rows=rows)
        self._finish(transaction, row, user, job=job)
        return Step(rows=1)

    def _held(self, transaction: Transaction, row: Erasure) -> User:
        wanted = select(User).where(User.id == row.user_id).with_for_update(of=User)
        session = transaction.tenant(row.tenant_id)
        return session.scalars(wanted.execution_options(populate_existing=True)).one()

    def _close(self, transaction: Transaction, row: Erasure, user: User) -> None:
        """End everything at once: nobody signs in, no token is good, nobody finds the account."""
        now = self._clock.now()
        row.state = State.ERASING.value
        user.erased_at = user.updated_at = now
        user.disabled_at = user.disabled_at or now
        user.security_epoch += 1
        transaction.tenant(row.tenant_id).flush()

    def _finish(self, transaction: Transaction, row: Erasure, user: User, *, job: JobView) -> None:
        person, token = snapshot(user), new_token()
        applying.blank(transaction, user)
        row.receipt_hash = fingerprint(token, RECEIPT_PURPOSE)
        row.state, row.ended_at = State.DONE.value, self._clock.now()
        event = Event(
            EventType.USER_ERASED,
            row.tenant_id,
            job.begun.actor,
            subject=row.user_id,
            resource=f"erasure:{row.id}",
            facts={"removed": dict(row.removed)},
        )
        row.event_id = self._trail.record(transaction, event).id
        self._forget(transaction, row, job)
        transaction.tenant(row.tenant_id).flush()
        self._mail(transaction, person, token)
        for guest in _guests(transaction, row.user_id):
            self._erasures.follow(transaction, guest)

    def _forget(self, transaction: Transaction, row: Erasure, job: JobView) -> None:
        """Destroy the keys to what any trail says: an operator is in those of others, too."""
        for tenant_id in self._trail.trails_of(transaction, row.user_id):
            self._trail.forget(transaction, tenant_id, row.user_id)
            if tenant_id != row.tenant_id:
                self._withdraw(transaction, tenant_id, job)

    def _withdraw(self, transaction: Transaction, tenant_id: str, job: JobView) -> None:
        """Take files back; those of the person's own tenant in a step of its own.

        By the server: whoever began it may be the person, who must not be in the trail any more.
        """
        actor = Actor(ActorKind.SERVER, tenant_id, job.begun.correlation_id)
        self._withdrawal.withdraw(transaction, tenant_id, actor=actor)

    def _mail(self, transaction: Transaction, person: UserSnapshot, token: str) -> None:
        link = f"{self._home(transaction, person.tenant_id).issuer}{PATH}?about={token}"
        message = to_person(person, "account_erased", {"link": link})
        # It belongs to nobody: what is in it goes when it is sent.
        nobodys = replace(message, user_id=None)
        enqueue(transaction, nobodys, keyring=self._keyring, now=self._clock.now())


def _guests(transaction: Transaction, user_id: str) -> list[User]:
    """Return the guest accounts of a person, wherever they are. A named platform service."""
    wanted = select(User).where(User.home_user_id == user_id, User.erased_at.is_(None))
    return [*transaction.platform().scalars(wanted)]
