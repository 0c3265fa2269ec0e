"""Upstream sign-in, built from the settings: part of the wiring, beside services.py."""

from dataclasses import dataclass

from authserver.core.net.dns import DnsResolver
from authserver.federation.administration.admission import Admission
from authserver.federation.administration.removal import Removal
from authserver.federation.administration.routing import Routing
from authserver.federation.connectors.making import Connectors
from authserver.federation.entering import FederatedSignIn
from authserver.federation.identities import Identities
from authserver.federation.offered import Offers
from authserver.federation.service import ConnectionService
from authserver.federation.upstream import Upstream
from authserver.mfa.notices import Reports
from authserver.signing_in import Ground
from authserver.tenants.proving.lookups import Lookups
from authserver.tenants.proving.service import DomainService
from authserver.tenants.service import TenantService


@dataclass(frozen=True)
class Federation:
    """What operators change of it: connections, what tenants allow, and tenants' domains."""

    connections: ConnectionService
    removal: Removal
    admission: Admission
    routing: Routing
    domains: DomainService
    lookups: Lookups


@dataclass(frozen=True)
class Providers:
    """What people meet of it: the way to a provider and back, and what comes of its answer."""

    upstream: Upstream
    identities: Identities
    offers: Offers
    sign_in: FederatedSignIn


def make_providers(ground: Ground, connectors: Connectors) -> Providers:
    """Return what sends people to providers and knows them by what those say."""
    reports = Reports(ground.trail, ground.keyring, ground.clock)
    identities = Identities(reports)
    offers = Offers(identities, reports)
    return Providers(
        Upstream(ground.database, connectors, keyring=ground.keyring, clock=ground.clock),
        identities,
        offers,
        FederatedSignIn(),
    )


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
