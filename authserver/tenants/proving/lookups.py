"""Looks into the DNS for the records of domains: when somebody asks, and once a day.

The look is outside of every job, what it found is written by one.
"""

from datetime import timedelta

from sqlalchemy import Select, or_, select

from authserver.audit.events import Actor, ActorKind
from authserver.core import log
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.core.net.dns import DnsFailed, Resolver
from authserver.core.problems import Problem, Unavailable
from authserver.core.values.said import said
from authserver.tenants.models import TenantDomain
from authserver.tenants.proving.service import Domain, DomainService

EVERY = timedelta(days=1)
_NO_ANSWER = said("The DNS gives no answer about the domain now: try again later.")

_log = log.get(__name__)


class Lookups:
    """Asks the DNS, and lets the service write what that means."""

    def __init__(
        self, database: Database, domains: DomainService, *, resolver: Resolver, clock: Clock
    ) -> None:
        """Take where the domains are, what changes them, and what to ask."""
        self._database = database
        self._domains = domains
        self._resolver = resolver
        self._clock = clock

    def verify(self, tenant_id: str, domain: str, *, actor: Actor) -> Domain:
        """Prove a domain by its record. Raises NotFound, Conflict, Unavailable."""
        there = self._read(tenant_id, domain)
        found = self._found(there)
        return self._database.write(
            lambda transaction: self._domains.verify(
                transaction, tenant_id, there.domain, found=found, actor=actor
            )
        )

    def texts(self, tenant_id: str, domain: str) -> tuple[str, ...]:
        """Return what the DNS has at the record's name, for `DomainService.verify`.

        Raises NotFound, Unavailable.
        """
        return self._found(self._read(tenant_id, domain))

    def look_again(self, tenant_id: str, domain: str, *, actor: Actor) -> Domain:
        """See whether the record of a domain is still there. Raises NotFound, Unavailable."""
        there = self._read(tenant_id, domain)
        found = self._found(there)
        return self._database.write(
            lambda transaction: self._domains.look_again(
                transaction, tenant_id, there.domain, found=found, actor=actor
            )
        )

    def tick(self) -> None:
        """Look at one domain that nobody has looked at for a day, for who calls often.

        One that the DNS says nothing about has its next turn in a day: an outage proves nothing.
        """
        due = self._database.write(self._claim_due) if self._is_one_due() else None
        if due is None:
            return
        tenant_id, domain = due
        try:
            self.look_again(
                tenant_id, domain, actor=Actor(ActorKind.SERVER, tenant_id, new_id("req"))
            )
        except Unavailable as down:
            _log.warning("domain_not_looked_at", domain=domain, reason=down.detail)
        except Problem:  # it was removed meanwhile
            return

    def _read(self, tenant_id: str, domain: str) -> Domain:
        with self._database.read() as view:
            return self._domains.get(view, tenant_id, domain)

    def _found(self, domain: Domain) -> tuple[str, ...]:
        name, _ = domain.record
        try:
            return self._resolver.texts(name)
        except DnsFailed as failed:
            raise Unavailable(_NO_ANSWER, detail=f"{name}: {failed}", retry_after=60) from failed

    def _is_one_due(self) -> bool:
        with self._database.read() as view:
            return view.platform().scalar(self._due().limit(1)) is not None

    def _claim_due(self, transaction: Transaction) -> tuple[str, str] | None:
        """Take the one whose turn it is from other processes, by the time of its last look."""
        wanted = self._due().limit(1).with_for_update(skip_locked=True)
        row = transaction.platform().scalar(wanted)
        if row is None:
            return None
        row.checked_at = self._clock.now()
        return row.tenant_id, row.domain

    def _due(self) -> Select[TenantDomain]:
        before = self._clock.now() - EVERY
        return (
            select(TenantDomain)
            .where(
                TenantDomain.verified_at.is_not(None),
                or_(TenantDomain.checked_at.is_(None), TenantDomain.checked_at <= before),
            )
            .order_by(TenantDomain.checked_at)
        )
