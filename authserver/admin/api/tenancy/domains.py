"""/tenants/{tenant_id}/domains: domains that a tenant proves to be its own, and where they lead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from authserver.admin.api.tenancy.rows import of, tenant_of
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where, later
from authserver.core.database.engine import Transaction
from authserver.federation.administration.routing import Routing
from authserver.roles.catalogue import Permission
from authserver.tenants.proving.lookups import Lookups
from authserver.tenants.proving.service import Domain, DomainService

_TAG = "domains"
_ALL = "/tenants/{tenant_id}/domains"
_ONE = f"{_ALL}/{{domain}}"


class DomainShown(Shown):
    """A domain, and the TXT record that proves it."""

    domain: str
    record_name: str
    record_value: str
    connection_id: str | None
    created_at: datetime
    checked_at: datetime | None
    verified_at: datetime | None
    missing_since: datetime | None


class DomainsShown(Shown):
    """The domains of a tenant, by name: at most a hundred."""

    items: tuple[DomainShown, ...]


class NewDomain(Given):
    """A domain to prove."""

    domain: Annotated[str, Field(min_length=1, max_length=253)]


class DomainRoute(Given):
    """The name of the connection that its people sign in by; null for none in particular."""

    connection: Annotated[str, Field(max_length=64)] | None


class DomainOperations:
    """Operations on domains."""

    def __init__(self, domains: DomainService, lookups: Lookups, *, routing: Routing) -> None:
        """Take what changes them, what asks the DNS, and what leads to connections."""
        self._domains = domains
        self._lookups = lookups
        self._routing = routing

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE
        return (
            Operation(
                "GET", _ALL, Does.READ, read, self.list_domains, "List a tenant's domains", _TAG,
                Where.VIEW, shows=DomainsShown,
            ),
            Operation(
                "POST", _ALL, Does.CREATE, write, self.add_domain, "Begin to prove a domain", _TAG,
                body=NewDomain, shows=DomainShown,
            ),
            Operation(
                "POST", f"{_ONE}/verify", Does.CHANGE, write, self.verify_domain,
                "Look for the record that proves a domain", _TAG, shows=DomainShown,
                before=later(self._look),
            ),
            Operation(
                "PUT", f"{_ONE}/route", Does.CHANGE, Permission.CONNECTIONS_WRITE,
                self.route_domain, "Send people of a domain to a connection", _TAG,
                body=DomainRoute, shows=DomainShown, sensitive=True,
            ),
            Operation(
                "DELETE", _ONE, Does.CHANGE, write, self.remove_domain, "Give a domain up", _TAG,
                sensitive=True,
            ),
        )  # fmt: skip

    def list_domains(self, transaction: Transaction, call: Call) -> Reply:
        """Return the domains."""
        tenant = tenant_of(transaction, call)
        found = self._domains.all_of(transaction, tenant.id)
        return Reply(DomainsShown(items=tuple(_shown(one) for one in found)))

    def add_domain(self, transaction: Transaction, call: Call) -> Reply:
        """Begin to prove a domain. Idempotent."""
        added = self._domains.add(
            transaction, call.path["tenant_id"], call.body.domain, actor=call.caller.actor
        )
        return Reply(_shown(added))

    def verify_domain(self, transaction: Transaction, call: Call) -> Reply:
        """Count it as proved if the record is there."""
        done = self._domains.verify(
            transaction, *of(call, "domain"), found=call.found, actor=call.caller.actor
        )
        return Reply(_shown(done))

    def route_domain(self, transaction: Transaction, call: Call) -> Reply:
        """Lead it to a connection, or to none."""
        done = self._routing.send(
            transaction, *of(call, "domain"), name=call.body.connection, actor=call.caller.actor
        )
        return Reply(_shown(done))

    def remove_domain(self, transaction: Transaction, call: Call) -> Reply:
        """Give it up."""
        self._domains.remove(transaction, *of(call, "domain"), actor=call.caller.actor)
        return Reply()

    def _look(self, call: Call) -> tuple[str, ...]:
        return self._lookups.texts(*of(call, "domain"))


def _shown(domain: Domain) -> DomainShown:
    name, value = domain.record
    return DomainShown(
        domain=domain.domain,
        record_name=name,
        record_value=value,
        connection_id=domain.connection_id,
        created_at=domain.created_at,
        checked_at=domain.checked_at,
        verified_at=domain.verified_at,
        missing_since=domain.missing_since,
    )
