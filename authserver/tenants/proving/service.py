"""Domains are added, proved, lost and given up, and lead to connections.

A named platform service: a domain is of one tenant among all. Looking into the DNS takes seconds,
so it is never part of a job: `lookups.py` asks, and brings here what it found.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id, new_secret
from authserver.core.problems import Conflict, NotFound
from authserver.core.values.said import said
from authserver.tenants import issuers
from authserver.tenants.models import TenantDomain
from authserver.tenants.policy import check_domain
from authserver.tenants.proving.policy import (
    check_own_domain,
    is_proved,
    record_name,
    record_value,
)
from authserver.tenants.service import bump_snapshots

GRACE = timedelta(days=3)  # a zone may be without its record for a weekend
MOST = 100
_NO_RECORD = said(
    "The record is not there yet. It may take a while until the DNS shows it: try again later."
)
# No more than that somebody else has it: not who.
_OF_ANOTHER = said(
    "Another organization has proved this domain, and its record is still there. Whoever manages"
    " the domain has to remove the other record first."
)


@dataclass(frozen=True)
class Domain:
    """A domain as its tenant sees it, with the record that proves it."""

    id: str
    tenant_id: str
    domain: str
    token: str
    connection_id: str | None
    created_at: datetime
    checked_at: datetime | None
    verified_at: datetime | None
    missing_since: datetime | None

    @property
    def record(self) -> tuple[str, str]:
        """Return name and text of the TXT record."""
        return record_name(self.domain), record_value(self.token)


@dataclass(frozen=True)
class Way:
    """A connection by its id and whose it is, a tenant's or `platform`, as the database has it."""

    owner: str
    connection_id: str


class DomainService:
    """Changes of domains. An actor without a principal is the tenant's operator."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        """Take where changes are recorded, and the time."""
        self._trail = trail
        self._clock = clock

    def add(self, transaction: Transaction, tenant_id: str, domain: str, *, actor: Actor) -> Domain:
        """Begin to prove a domain; return it with the record that is to be made.

        Whether another tenant has it shows only to who can prove it. Idempotent. Raises UnfitName,
        or Conflict where there are too many.
        """
        name, session = check_own_domain(domain), transaction.tenant(tenant_id)
        rows = self.all_of(transaction, tenant_id)
        if there := [one for one in rows if one.domain == name]:
            return there[0]
        if len(rows) >= MOST:
            raise Conflict(
                said("A tenant has at most %(most)s domains.", most=MOST), field="domain"
            )
        row = TenantDomain(
            id=new_id("dom"),
            tenant_id=tenant_id,
            domain=name,
            token=new_secret(),
            created_at=self._clock.now(),
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # somebody else of the tenant has just added it
            return self.get(transaction, tenant_id, name)
        self._record(transaction, EventType.DOMAIN_ADDED, row, actor=actor)
        return _domain(row)

    def verify(
        self,
        transaction: Transaction,
        tenant_id: str,
        domain: str,
        *,
        found: Collection[str],
        actor: Actor,
    ) -> Domain:
        """Count a domain as proved if the texts found at its record's name say so. Idempotent.

        Somebody else who proved it before has it for as long as the other record is there, too:
        what the DNS says now is stronger than what it said once. Raises NotFound, Conflict.
        """
        row, now = self._held(transaction, tenant_id, domain), self._clock.now()
        row.checked_at = now
        if not is_proved(row.token, found):
            raise Conflict(_NO_RECORD)
        row.missing_since = None
        if row.verified_at is None:
            self._take_over(transaction, row, found, now=now)
            _claim(transaction, row, now)
            self._record(transaction, EventType.DOMAIN_VERIFIED, row, actor=actor)
        return _domain(row)

    def look_again(
        self,
        transaction: Transaction,
        tenant_id: str,
        domain: str,
        *,
        found: Collection[str],
        actor: Actor,
    ) -> Domain:
        """Note whether the record of a proved domain is still there.

        One that is gone for longer than GRACE counts as proved no more: links by address and
        routes end, who is signed in stays. Raises NotFound.
        """
        row, now = self._held(transaction, tenant_id, domain), self._clock.now()
        row.checked_at = now
        if row.verified_at is None:
            return _domain(row)
        if is_proved(row.token, found):
            row.missing_since = None
        elif row.missing_since is None:
            row.missing_since = now
            self._record(transaction, EventType.DOMAIN_MISSED, row, actor=actor)
        elif row.missing_since <= now - GRACE:
            self._lose(transaction, row, "record_gone", actor=actor)
        return _domain(row)

    def send_to(
        self,
        transaction: Transaction,
        tenant_id: str,
        domain: str,
        *,
        way: Way | None,
        actor: Actor,
    ) -> Domain:
        """Let people of a domain sign in by a connection, or by none in particular. Idempotent.

        It counts while the domain is proved. Raises NotFound.
        """
        row = self._held(transaction, tenant_id, domain)
        before, after = row.connection_id, way.connection_id if way else None
        if before != after:
            row.connection_owner, row.connection_id = (way.owner if way else None), after
            facts = {"connection": after, "before": before}
            self._record(transaction, EventType.DOMAIN_ROUTED, row, actor=actor, facts=facts)
        return _domain(row)

    def remove(
        self, transaction: Transaction, tenant_id: str, domain: str, *, actor: Actor
    ) -> None:
        """Give a domain up: links by address and its route end, who is signed in stays.

        Raises NotFound.
        """
        row = self._held(transaction, tenant_id, domain)
        self._record(transaction, EventType.DOMAIN_REMOVED, row, actor=actor)
        transaction.tenant(tenant_id).delete(row)
        transaction.tenant(tenant_id).flush()
        issuers.release(transaction, self._trail, tenant_id, actor=actor)

    def get(self, transaction: Transaction, tenant_id: str, domain: str) -> Domain:
        """Return a domain of a tenant. Raises NotFound."""
        return _domain(_found(transaction, tenant_id, domain))

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[Domain]:
        """Return the domains of a tenant, by name."""
        wanted = select(TenantDomain).order_by(TenantDomain.domain)
        return [_domain(row) for row in transaction.tenant(tenant_id).scalars(wanted)]

    def _held(self, transaction: Transaction, tenant_id: str, domain: str) -> TenantDomain:
        return _found(transaction, tenant_id, domain, lock=True)

    def _take_over(
        self, transaction: Transaction, row: TenantDomain, found: Collection[str], *, now: datetime
    ) -> None:
        """End another tenant's claim to the domain whose record is not there. Raises Conflict."""
        wanted = (
            select(TenantDomain)
            .where(
                TenantDomain.domain == row.domain,
                TenantDomain.id != row.id,
                TenantDomain.verified_at.is_not(None),
            )
            .with_for_update(of=TenantDomain)
            .execution_options(populate_existing=True)
        )
        other = transaction.platform().scalar(wanted)
        if other is None:
            return
        if is_proved(other.token, found):
            raise Conflict(_OF_ANOTHER, field="domain")
        other.checked_at = now
        by = Actor(ActorKind.SERVER, other.tenant_id, new_id("req"))
        self._lose(transaction, other, "proved_by_another", actor=by)

    def _lose(self, transaction: Transaction, row: TenantDomain, why: str, *, actor: Actor) -> None:
        row.verified_at = row.missing_since = None
        transaction.flush()
        facts = {"why": why}
        self._record(transaction, EventType.DOMAIN_LOST, row, actor=actor, facts=facts)
        issuers.release(transaction, self._trail, row.tenant_id, actor=actor)

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        row: TenantDomain,
        *,
        actor: Actor,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        transaction.flush()
        by = replace(actor, principal=actor.principal or row.tenant_id)
        said = {"domain": row.domain, **(facts or {})}
        record = Event(event, row.tenant_id, by, resource=row.id, facts=said)
        self._trail.record(transaction, record)
        bump_snapshots(transaction)  # every process keeps where domains lead


def _found(
    transaction: Transaction, tenant_id: str, domain: str, *, lock: bool = False
) -> TenantDomain:
    name = check_domain(domain)
    wanted = select(TenantDomain).where(TenantDomain.domain == name)
    if lock:
        wanted = wanted.with_for_update(of=TenantDomain)
        wanted = wanted.execution_options(populate_existing=True)
    row = transaction.tenant(tenant_id).scalar(wanted)
    if row is None:
        raise NotFound(said("The domain '%(name)s' is not among those of the tenant.", name=name))
    return row


def _claim(transaction: Transaction, row: TenantDomain, now: datetime) -> None:
    """Write that the domain is proved: of two tenants at the same moment, one. Raises Conflict."""
    session = transaction.tenant(row.tenant_id)
    try:
        with session.begin_nested():
            row.verified_at = now
            session.flush()
    except IntegrityError as error:
        raise Conflict(_OF_ANOTHER, field="domain") from error


def _domain(row: TenantDomain) -> Domain:
    return Domain(
        id=row.id,
        tenant_id=row.tenant_id,
        domain=row.domain,
        token=row.token,
        connection_id=row.connection_id,
        created_at=row.created_at,
        checked_at=row.checked_at,
        verified_at=row.verified_at,
        missing_since=row.missing_since,
    )
