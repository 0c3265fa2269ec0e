"""Signing in by what a provider said: one job, from the checked answer to the partial sign-in.

The answer was fetched before. Everything that decides is read anew here, the connection and the
account held until the end: what was switched off meanwhile opens nothing (TOP-10). A sign-in that
is admitted goes through the same gate as every other (TOP-07, decision 0026).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Label

from authserver.accounts.directory import Audience, UserSnapshot
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict
from authserver.federation import connections
from authserver.federation.connectors.base import Answer
from authserver.federation.identities import Identities
from authserver.federation.offered import Offers
from authserver.federation.people import finding, standing
from authserver.federation.people.beginning import Beginning, Proved
from authserver.federation.people.finding import Namesake, Owner, Question
from authserver.federation.people.making import Newcomers
from authserver.federation.people.standing import Held
from authserver.federation.policy import (
    Decision,
    House,
    decide,
    is_authoritative,
    is_proved_upstream,
)
from authserver.federation.values import Connection, Identity
from authserver.mfa.claims import Claimed
from authserver.mfa.notices import Reports
from authserver.mfa.partial import Hop
from authserver.registration import service as registration
from authserver.tenants.limits.entrance import AddressNotAllowed
from authserver.tenants.limits.policy import LimitReached

_NOBODYS = House(links_by_email=False, creates=False)  # for whom nothing has to be allowed


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


@dataclass(frozen=True)
class _Case:
    """An attempt, and what it asks for: with its connection as it is now."""

    attempt: Attempt
    asked: Question

    @property
    def connection(self) -> Connection:
        return self.asked.connection

    @property
    def identity(self) -> Identity:
        return self.asked.identity


class _Stopped(Exception):  # noqa: N818  an outcome
    """Why nobody is signed in, and whose account it was if that may stand in a trail."""

    def __init__(self, decision: Decision, reason: str, user: UserSnapshot | None = None) -> None:
        super().__init__(reason)
        self.decision = decision
        self.user = user


@dataclass(frozen=True)
class Tools:
    """What the sign-in works with."""

    beginning: Beginning
    newcomers: Newcomers
    identities: Identities
    offers: Offers
    reports: Reports


class FederatedSignIn:
    """Decides about what providers say. Part of somebody else's job: it commits nothing."""

    def __init__(self, tools: Tools) -> None:
        """Take what it works with."""
        self._tools = tools

    def enter(self, transaction: Transaction, attempt: Attempt) -> Outcome:
        """Sign in, link, make an account, offer to sign in, or refuse; begin what comes of it."""
        try:
            return self._settle(transaction, self._open(transaction, attempt))
        except _Stopped as stopped:
            if stopped.decision is Decision.ASK:
                self._tools.offers.make(
                    transaction, attempt.hop, attempt.answer, connection=attempt.connection
                )
            self._stopped(transaction, attempt, stopped)
            return Outcome(stopped.decision)

    def _open(self, transaction: Transaction, attempt: Attempt) -> _Case:
        """Hold the connection, if people may sign in by it at this moment."""
        asked, now = attempt.connection, connections.held(transaction, attempt.connection.id)
        if now is None or not now.enabled:
            raise _Stopped(Decision.REFUSE, "connection_closed")
        if now.link_only:
            raise _Stopped(Decision.REFUSE, "link_only")
        if _provider(now) != _provider(asked):
            raise _Stopped(Decision.REFUSE, "connection_changed")
        if not attempt.answer.identity.is_fit:
            raise _Stopped(Decision.REFUSE, "unfit_subject")
        question = Question.of(
            now, attempt.answer.identity, attempt.audience, organization=attempt.organization
        )
        return _Case(attempt, question)

    def _settle(self, transaction: Transaction, case: _Case) -> Outcome:
        owner = finding.owner(transaction, case.asked)
        if owner is not None:
            return self._sign_in(transaction, case, owner)
        namesake = finding.namesake(transaction, case.asked)
        tenant_id = self._tenant_of(transaction, case, namesake)
        held = self._hold(transaction, case, namesake) if namesake else None
        house = standing.house(transaction, tenant_id, case.asked, registers=case.attempt.registers)
        same = held.local if held else None
        match decide(case.connection, case.identity, house, linked=None, same_address=same):
            case Decision.LINK if held is not None:
                return self._link(transaction, case, held)
            case Decision.CREATE:
                return self._create(transaction, case, tenant_id, house=house)
            case decision:
                raise _Stopped(decision, "address_is_taken" if held else "unknown")

    def _tenant_of(self, transaction: Transaction, case: _Case, namesake: Namesake | None) -> str:
        """Return the tenant that somebody without a link comes to. Raises _Stopped."""
        if namesake is not None:
            return namesake.tenant_id
        here = finding.tenant_of(transaction, case.asked)
        tenant_id = here or case.attempt.registers
        if tenant_id is None:
            raise _Stopped(Decision.ASK, "unknown")
        if not finding.is_served(transaction, tenant_id, case.asked):
            raise _Stopped(Decision.REFUSE, "elsewhere")
        return tenant_id

    def _hold(self, transaction: Transaction, case: _Case, whose: Owner | Namesake) -> Held:
        facts: Sequence[Label[Any]] = self._tools.beginning.facts
        held = standing.hold(transaction, whose, case.connection, also=facts)
        if held is None:
            raise _Stopped(Decision.REFUSE, "changed_meanwhile")
        if isinstance(whose, Namesake) and not _has_address(held, case.identity):
            raise _Stopped(Decision.ASK, "changed_meanwhile")
        return held

    def _sign_in(self, transaction: Transaction, case: _Case, owner: Owner) -> Outcome:
        held, now = self._hold(transaction, case, owner), self._tools.reports.clock.now()
        user = held.account.user
        decision = decide(
            case.connection, case.identity, _NOBODYS, linked=held.local, same_address=None
        )
        if decision is not Decision.SIGN_IN or held.closed:
            raise _Stopped(Decision.REFUSE, held.closed or "closed", user)
        if not standing.used(transaction, owner, case.identity, now=now):
            raise _Stopped(Decision.REFUSE, "unlinked_meanwhile")
        self._tools.identities.keep_tokens(
            transaction,
            owner.identity_id,
            user,
            answer=case.attempt.answer,
            connection=case.connection,
        )
        claimed = self._begin(transaction, case, held, owner=owner)
        return Outcome(decision, claimed, owner.guest)

    def _link(self, transaction: Transaction, case: _Case, held: Held) -> Outcome:
        try:
            owner = self._join(transaction, case, held.account.user, how=Decision.LINK)
        except Conflict as linked:
            raise _Stopped(Decision.ASK, "linked_meanwhile") from linked
        claimed = self._begin(transaction, case, held, owner=owner)
        return Outcome(Decision.LINK, claimed)

    def _create(
        self, transaction: Transaction, case: _Case, tenant_id: str, *, house: House
    ) -> Outcome:
        """Make an account, unless another callback of the same person just did."""
        registration.locked(transaction, tenant_id)
        if finding.owner(transaction, case.asked) or finding.namesake(transaction, case.asked):
            return self._settle(transaction, case)
        verified = is_authoritative(case.connection, case.identity, house.domains)
        try:
            made = self._tools.newcomers.make(
                transaction,
                tenant_id,
                case.identity,
                connection=case.connection,
                verified=verified,
                by=case.attempt.by,
            )
        except (LimitReached, AddressNotAllowed) as closed:
            raise _Stopped(Decision.REFUSE, closed.code) from closed
        except Conflict as taken:
            raise _Stopped(Decision.ASK, "address_is_taken") from taken
        owner = self._join(transaction, case, made, how=Decision.CREATE)
        claimed = self._begin(transaction, case, self._hold(transaction, case, owner), owner=owner)
        return Outcome(Decision.CREATE, claimed)

    def _join(
        self, transaction: Transaction, case: _Case, user: UserSnapshot, *, how: Decision
    ) -> Owner:
        identity_id = self._tools.identities.join(
            transaction,
            user,
            case.attempt.answer,
            connection=case.connection,
            by=replace(case.attempt.by, kind=ActorKind.USER, principal=user.id),
            how=how.value,
        )
        return Owner(identity_id, user.tenant_id, user.id)

    def _begin(self, transaction: Transaction, case: _Case, held: Held, *, owner: Owner) -> Claimed:
        """Begin what comes of it, with the roles that the person's groups give."""
        user, attempt = held.account.user, case.attempt
        by = replace(attempt.by, kind=ActorKind.USER, principal=user.id)
        self._tools.newcomers.follow_groups(
            transaction, user, case.identity, connection=case.connection, by=by
        )
        proof = Proved(
            owner.identity_id,
            proved=is_proved_upstream(case.connection, case.identity),
            asked=attempt.second_factor,
            guest=owner.guest,
        )
        return self._tools.beginning.begin(
            transaction, held.account, attempt.hop, proof=proof, by=by
        )

    def _stopped(self, transaction: Transaction, attempt: Attempt, stopped: _Stopped) -> None:
        user = stopped.user
        tenant_id = user.tenant_id if user else attempt.audience.owner
        facts = {
            "decision": stopped.decision.value,
            "reason": str(stopped),
            "connection": attempt.connection.id,
        }
        event = Event(
            EventType.UPSTREAM_REFUSED,
            tenant_id,
            replace(attempt.by, kind=ActorKind.ANONYMOUS, principal=tenant_id),
            subject=user.id if user else None,
            facts=facts,
        )
        self._tools.reports.trail.record(transaction, event)


def _has_address(held: Held, identity: Identity) -> bool:
    return identity.email is not None and held.address == identity.email.canonical


def _provider(connection: Connection) -> tuple[object, ...]:
    """Return what an answer was checked by: with another one it would not be the same answer."""
    return (
        connection.tenant_id,
        connection.kind,
        connection.server,
        connection.client_id,
        connection.allowed,
    )
