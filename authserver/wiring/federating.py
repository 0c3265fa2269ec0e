"""Upstream sign-in, built from the settings: part of the wiring, beside services.py."""

from dataclasses import dataclass

from authserver.core.net.dns import DnsResolver
from authserver.federation.administration.admission import Admission
from authserver.federation.administration.removal import Removal
from authserver.federation.administration.routing import Routing
from authserver.federation.service import ConnectionService
from authserver.tenants.proving.lookups import Lookups
from authserver.tenants.proving.service import DomainService
from authserver.tenants.service import TenantService
from authserver.wiring.signing_in import Ground


@dataclass(frozen=True)
class Federation:
    """What operators change of it: connections, what tenants allow, and tenants' domains."""

    connections: ConnectionService
    removal: Removal
    admission: Admission
    routing: Routing
    domains: DomainService
    lookups: Lookups


def make_federation(ground: Ground, tenants: TenantService) -> Federation:
    """Return what keeps connections and domains."""
    trail, clock, keyring = ground.trail, ground.clock, ground.keyring
    loopback = ground.settings.is_loopback
    connections = ConnectionService(trail, clock, keyring, allow_http_loopback=loopback)
    domains = DomainService(trail, clock)
    resolver = DnsResolver(ground.settings.dns_server)
    return Federation(
        connections=connections,
        removal=Removal(trail, keyring, clock),
        admission=Admission(connections, tenants),
        routing=Routing(domains),
        domains=domains,
        lookups=Lookups(ground.database, domains, resolver=resolver, clock=clock),
    )
