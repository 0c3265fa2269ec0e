"""Where people of a domain sign in: by a connection of their tenant, or of the platform."""

from dataclasses import dataclass

from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said
from authserver.federation.administration.rows import held
from authserver.federation.connections import admits, of_row
from authserver.federation.models import FederationConnection
from authserver.tenants.proving.service import Domain, DomainService, Way


@dataclass(frozen=True)
class Routing:
    """Lets domains lead to connections."""

    domains: DomainService

    def send(
        self,
        transaction: Transaction,
        tenant_id: str,
        domain: str,
        *,
        name: str | None,
        actor: Actor,
    ) -> Domain:
        """Let people of a domain sign in by the connection of this name, by none where None.

        The tenant's own is meant before the platform's. Raises NotFound, also for one that the
        tenant may not use, or Conflict for one that signs nobody in.
        """
        way = None
        if name is not None:
            row = _usable(transaction, tenant_id, name)
            if row.link_only:
                raise Conflict(
                    said(
                        "The connection '%(name)s' can only be linked: it signs nobody in.",
                        name=name,
                    ),
                    field="connection",
                )
            way = Way(row.owner, row.id)
        return self.domains.send_to(transaction, tenant_id, domain, way=way, actor=actor)


def _usable(transaction: Transaction, tenant_id: str, name: str) -> FederationConnection:
    """Return the connection held, so that nobody removes it meanwhile."""
    try:
        return held(transaction, tenant_id, name)
    except NotFound:
        row = held(transaction, None, name)
        if not admits(transaction, tenant_id, of_row(row)):
            raise NotFound(
                said("There is no connection '%(name)s'.", name=name), field="connection"
            ) from None
        return row
