"""Erasures are asked for, said twice, called off, and begun when their time has come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Select, select

from authserver.accounts.directory import snapshot
from authserver.accounts.models import User
from authserver.accounts.notices import to_person
from authserver.accounts.standing import held
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.audit.whence import written
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id
from authserver.core.problems import Conflict, NotFound
from authserver.core.values.reasons import check_reason
from authserver.delivery.outbox import enqueue
from authserver.jobs.service import Jobs
from authserver.jobs.values import Begun
from authserver.people.policy import check_may_act_on
from authserver.privacy.erasure import holds
from authserver.privacy.erasure.models import Erasure
from authserver.privacy.erasure.starting import begin
from authserver.privacy.erasure.values import (
    LINK_LIFE,
    LINK_PURPOSE,
    OPEN,
    By,
    ErasureView,
    State,
    Whom,
)
from authserver.privacy.exports.writing import Home
from authserver.privacy.links import new_token
from authserver.roles.service import RoleService
from authserver.tenants.models import Tenant

PAGE = "/account/privacy"
_CANCELLABLE = (State.ASKED, State.WAITING)


@dataclass(frozen=True)
class Tools:
    """What erasures are made with. `home` says where a tenant's people sign in."""

    jobs: Jobs
    roles: RoleService
    trail: Trail
    keyring: Keyring
    clock: Clock
    home: Callable[[Transaction, str], Home]


class Erasures:
    """What is done about erasures before they begin."""

    def __init__(self, tools: Tools) -> None:
        """Take the services."""
        self._tools = tools

    def ask(self, transaction: Transaction, whom: Whom, *, actor: Actor) -> ErasureView:
        """Mail the person the link of the second step; one that was mailed before is void.

        Raises Refused for the last administrator, Conflict where one waits already.
        """
        user = self._erasable(transaction, whom)
        self._forget_first_step(transaction, whom)
        now, token = self._tools.clock.now(), new_token()
        row = self._new(transaction, whom, State.ASKED, asked_by=actor.kind)
        row.link_hash, row.link_until = fingerprint(token, LINK_PURPOSE), now + LINK_LIFE
        issuer = self._tools.home(transaction, whom.tenant_id).issuer
        link = f"{issuer}{PAGE}/erasure?about={token}"
        self._mail(transaction, user, "erasure_asked", link=link, until=written(row.link_until))
        self._record(transaction, EventType.ERASURE_REQUESTED, row, actor=actor)
        return self._view(transaction, row)

    def look(self, transaction: Transaction, whom: Whom, token: str) -> None:
        """Raise NotFound unless a link opens the second step of this very account."""
        self._by_link(transaction, whom, token)

    def confirm(
        self, transaction: Transaction, whom: Whom, token: str, *, actor: Actor
    ) -> ErasureView:
        """Take the second word: the time begins to run. Raises NotFound, Refused."""
        user = held(transaction, *whom)
        row = self._by_link(transaction, whom, token)
        self._tools.roles.check_may_leave(transaction, *whom)
        row.link_hash = row.link_until = None
        begun = Begun(ActorKind.USER, user.id, user.tenant_id, actor.correlation_id)
        self._wait(transaction, row, user=user, begun=begun)
        self._record(transaction, EventType.ERASURE_CONFIRMED, row, actor=actor)
        return self._view(transaction, row)

    def order(self, transaction: Transaction, whom: Whom, reason: str, *, by: By) -> ErasureView:
        """Let a person be erased after the tenant's time; they are told by mail.

        Raises UnfitReason, Refused for oneself, somebody above or the last administrator, NotFound,
        Conflict where one waits already.
        """
        why = check_reason(reason)
        self._check_over(transaction, whom, by)
        user = self._erasable(transaction, whom)
        self._forget_first_step(transaction, whom)
        actor = self._acting(whom, by)
        row = self._new(transaction, whom, State.WAITING, asked_by=actor.kind)
        begun = Begun(actor.kind, actor.principal, by.tenant_id, actor.correlation_id)
        self._wait(transaction, row, user=user, begun=begun)
        self._record(
            transaction, EventType.ERASURE_REQUESTED, row, actor=actor, private={"reason": why}
        )
        return self._view(transaction, row)

    def cancel(self, transaction: Transaction, whom: Whom, *, by: By) -> ErasureView:
        """Call off what has not begun; the person is told. Raises NotFound, Refused, Conflict."""
        self._check_over(transaction, whom, by)
        user = held(transaction, *whom)
        row = _open(transaction, whom)
        if row is None:
            raise NotFound("There is no erasure to be called off.")
        if row.state not in _CANCELLABLE:
            raise Conflict("The erasure has begun.")
        told = row.state == State.WAITING
        row.state, row.ended_at = State.CANCELLED.value, self._tools.clock.now()
        row.link_hash = row.link_until = row.job_id = None
        transaction.tenant(whom.tenant_id).flush()
        if told:
            self._mail(transaction, user, "erasure_cancelled")
        self._record(transaction, EventType.ERASURE_CANCELLED, row, actor=self._acting(whom, by))
        return self._view(transaction, row)

    def of_person(self, transaction: Transaction, whom: Whom) -> ErasureView | None:
        """Return the erasure that is under way, if one is."""
        row = _open(transaction, whom)
        over = row is not None and row.link_until and row.link_until <= self._tools.clock.now()
        return None if row is None or over else self._view(transaction, row)

    def one(self, transaction: Transaction, tenant_id: str, erasure_id: str) -> ErasureView:
        """Return an erasure of a tenant. Raises NotFound."""
        return self._view(transaction, find(transaction, tenant_id, erasure_id))

    def repeat(self, transaction: Transaction, whom: Whom, *, by: By) -> bool:
        """Erase somebody at once whom an older copy of the database brought back.

        False where there is nothing to be done: no such account, or it is being erased.
        """
        wanted = select(User).where(User.id == whom.user_id, User.erased_at.is_(None))
        if transaction.tenant(whom.tenant_id).scalar(wanted) is None:
            return False
        self._forget_first_step(transaction, whom)
        actor = self._acting(whom, by)
        row = self._new(transaction, whom, State.WAITING, asked_by=actor.kind)
        row.due_at = self._tools.clock.now()
        self._record(transaction, EventType.ERASURE_REQUESTED, row, actor=actor)
        begun = Begun(actor.kind, actor.principal, by.tenant_id, actor.correlation_id)
        if not holds.stands(transaction, whom):
            begin(transaction, row, begun, jobs=self._tools.jobs)
        return True

    def follow(self, transaction: Transaction, guest: User) -> None:
        """Erase a guest account, too, whose home account is gone: nobody can sign in to it."""
        whom, now = Whom(guest.tenant_id, guest.id), self._tools.clock.now()
        row = _open(transaction, whom)
        if row is None:
            row = self._new(transaction, whom, State.WAITING, asked_by="home")
            actor = Actor(ActorKind.SERVER, whom.tenant_id, new_id("req"))
            self._record(transaction, EventType.ERASURE_REQUESTED, row, actor=actor)
        row.state, row.due_at = State.WAITING.value, now
        row.link_hash = row.link_until = None
        transaction.tenant(whom.tenant_id).flush()

    def _erasable(self, transaction: Transaction, whom: Whom) -> User:
        user = held(transaction, *whom)
        row = _open(transaction, whom)
        if row is not None and row.state != State.ASKED:
            raise Conflict("The erasure was asked for already.")
        self._tools.roles.check_may_leave(transaction, *whom)
        return user

    def _check_over(self, transaction: Transaction, whom: Whom, by: By) -> None:
        held(transaction, *whom)
        may = self._tools.roles.permissions_of(transaction, *whom)
        check_may_act_on(by.grantor, whom.user_id, may)

    def _forget_first_step(self, transaction: Transaction, whom: Whom) -> None:
        row = _open(transaction, whom)
        if row is not None:
            session = transaction.tenant(whom.tenant_id)
            session.delete(row)
            session.flush()

    def _new(self, transaction: Transaction, whom: Whom, state: State, *, asked_by: str) -> Erasure:
        row = Erasure(
            id=new_id("era"),
            tenant_id=whom.tenant_id,
            user_id=whom.user_id,
            state=state.value,
            asked_by=asked_by,
            asked_at=self._tools.clock.now(),
            removed={},
        )
        session = transaction.tenant(whom.tenant_id)
        session.add(row)
        session.flush()
        return row

    def _wait(self, transaction: Transaction, row: Erasure, *, user: User, begun: Begun) -> None:
        tenant = transaction.tenant(row.tenant_id).scalars(select(Tenant)).one()
        now = self._tools.clock.now()
        row.state, row.due_at = State.WAITING.value, now + timedelta(days=tenant.erasure_days)
        transaction.tenant(row.tenant_id).flush()
        if tenant.erasure_days:
            link = f"{self._tools.home(transaction, row.tenant_id).issuer}{PAGE}"
            self._mail(transaction, user, "erasure_waits", link=link, until=written(row.due_at))
        elif not holds.stands(transaction, Whom(row.tenant_id, row.user_id)):
            begin(transaction, row, begun, jobs=self._tools.jobs)

    def _by_link(self, transaction: Transaction, whom: Whom, token: str) -> Erasure:
        wanted = select(Erasure).where(
            Erasure.user_id == whom.user_id,
            Erasure.state == State.ASKED.value,
            Erasure.link_hash == fingerprint(token, LINK_PURPOSE),
            Erasure.link_until > self._tools.clock.now(),
        )
        row = transaction.tenant(whom.tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("There is no such link for this account, or not any more.")
        return row

    def _acting(self, whom: Whom, by: By) -> Actor:
        return replace(by.actor, principal=by.actor.principal or whom.tenant_id)

    def _view(self, transaction: Transaction, row: Erasure) -> ErasureView:
        waits = row.state in {State.ASKED, State.WAITING}
        stopped = waits and holds.stands(transaction, Whom(row.tenant_id, row.user_id))
        return view(row, held=stopped)

    def _mail(self, transaction: Transaction, user: User, template: str, **values: str) -> None:
        message = to_person(snapshot(user), template, values)
        enqueue(transaction, message, keyring=self._tools.keyring, now=self._tools.clock.now())

    def _record(
        self,
        transaction: Transaction,
        kind: EventType,
        row: Erasure,
        *,
        actor: Actor,
        private: Mapping[str, str] | None = None,
    ) -> None:
        due = {"due_at": row.due_at.isoformat()} if row.due_at else {}
        event = Event(
            kind,
            row.tenant_id,
            actor,
            subject=row.user_id,
            resource=f"erasure:{row.id}",
            facts=due,
            private=private or {},
        )
        self._tools.trail.record(transaction, event)


def of_tenant() -> Select[Erasure]:
    """Return the query of a tenant's erasures."""
    return select(Erasure)


def find(transaction: Transaction, tenant_id: str, erasure_id: str) -> Erasure:
    """Return the row of an erasure. Raises NotFound."""
    row = transaction.tenant(tenant_id).scalar(select(Erasure).where(Erasure.id == erasure_id))
    if row is None:
        raise NotFound("There is no such erasure.")
    return row


def view(row: Erasure, *, held: bool = False) -> ErasureView:
    """Return an erasure as it is now."""
    return ErasureView(
        id=row.id,
        user_id=row.user_id,
        state=State(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        held=held,
        removed=row.removed,
    )


def _open(transaction: Transaction, whom: Whom) -> Erasure | None:
    wanted = select(Erasure).where(
        Erasure.user_id == whom.user_id, Erasure.state.in_([one.value for one in OPEN])
    )
    return transaction.tenant(whom.tenant_id).scalar(wanted)
