"""Which of the platform's connections the people of a tenant may use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.core.said import said
from authserver.federation.administration import ending
from authserver.federation.connections import of_row
from authserver.federation.models import PLATFORM, FederationConnection
from authserver.federation.service import ConnectionService
from authserver.tenants.models import Tenant
from authserver.tenants.policy import EVERY_CONNECTION, TenantPolicy
from authserver.tenants.service import TenantService, get_by_slug


@dataclass(frozen=True)
class Admission:
    """Changes it, with what that ends (decision 0012)."""

    connections: ConnectionService
    tenants: TenantService

    def set_policy(
        self, transaction: Transaction, slug: str, policy: TenantPolicy, *, actor: Actor
    ) -> Tenant:
        """Change what `TenantService.set_policy` does, and which connections may be used.

        Sign-ins of the tenant's people by another that are under way end, and where the tenant says
        so, what they are signed in to by it. Raises NotFound, UnfitPolicy.
        """
        if policy.platform_connections is None:
            return self.tenants.set_policy(transaction, slug, policy, actor=actor)
        rows = _held(transaction)
        known = {row.name for row in rows}
        wanted = _named(policy, known)
        before = get_by_slug(transaction, slug).platform_connections
        tenant = self.tenants.set_policy(transaction, slug, policy, actor=actor)
        gone = (known if before is None else set(before)) - wanted
        for row in rows:
            if row.name in gone:
                self._end(transaction, tenant, row, actor=actor)
        return tenant

    def _end(
        self, transaction: Transaction, tenant: Tenant, row: FederationConnection, *, actor: Actor
    ) -> None:
        theirs = User.tenant_id == tenant.id
        ending.sign_ins_under_way(transaction, row.id, theirs)
        self.connections.end_sessions(
            transaction,
            of_row(row),
            whose=theirs & ending.WHERE_WANTED,
            actor=replace(actor, principal=actor.principal or tenant.id),
        )


def _named(policy: TenantPolicy, known: set[str]) -> set[str]:
    """Return the names that a policy allows. Raises NotFound for one that is none."""
    if policy.platform_connections == EVERY_CONNECTION:
        return known
    wanted = set(policy.platform_connections or ())
    if unknown := sorted(wanted - known):
        raise NotFound(said("The platform has no connection '%(unknown)s'.", unknown=unknown[0]))
    return wanted


def _held(transaction: Transaction) -> Sequence[FederationConnection]:
    """Return the platform's connections held for a change: nobody comes in by one meanwhile."""
    wanted = (
        select(FederationConnection)
        .where(FederationConnection.owner == PLATFORM)
        .order_by(FederationConnection.id)
        .with_for_update(of=FederationConnection)
        .execution_options(populate_existing=True)
    )
    return transaction.platform().scalars(wanted).all()
