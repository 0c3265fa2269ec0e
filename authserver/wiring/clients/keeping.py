"""What keeps clients, and what they publish: part of the wiring, beside services.py."""

from dataclasses import dataclass, replace

from authserver.admin.caller import API
from authserver.clients.amending import Amendments
from authserver.clients.keys import ClientKeys
from authserver.clients.logos.service import MAX_BYTES, Logos
from authserver.clients.registering.lookups import Lookups
from authserver.clients.registering.service import Outside, SelfRegistrations
from authserver.clients.registering.tokens import InitialTokens
from authserver.clients.resources.offers import Offers
from authserver.clients.resources.service import ResourceServers
from authserver.clients.rotation.service import SecretExpiry
from authserver.clients.secrets import Secrets
from authserver.clients.service import ClientService
from authserver.core.net.fetch import Fetcher, FetchRules
from authserver.roles.administrators import administrators_of
from authserver.roles.catalogue import Permission
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer
from authserver.tokens.keys import KeyService
from authserver.wiring.clients.certificates import missing_methods
from authserver.wiring.fetching import LOGOS, METADATA
from authserver.wiring.signing_in import Ground


@dataclass(frozen=True)
class SelfService:
    """What clients do for themselves, and what lets them."""

    tokens: InitialTokens
    registrations: SelfRegistrations
    lookups: Lookups


@dataclass(frozen=True)
class ClientParts:
    """Everything about clients, by the names under which the services have it."""

    clients: ClientService
    amendments: Amendments
    client_keys: ClientKeys
    logos: Logos
    self_service: SelfService
    resources: ResourceServers
    expiry: SecretExpiry


def make_clients(ground: Ground, keys: KeyService, rules: FetchRules) -> ClientParts:
    """Return what keeps clients; documents of theirs are read within the rules."""
    trail, clock, database = ground.trail, ground.clock, ground.database
    fetcher = Fetcher(clock, rules=rules, limits=METADATA)
    secrets, tokens = Secrets(ground.keyring, clock), InitialTokens(trail, clock)
    offers = _offers(ground.settings)
    clients = ClientService(trail, clock, keys=keys, secrets=secrets, offers=offers)
    amendments = Amendments(clients, clock)
    images = replace(rules, max_bytes=MAX_BYTES)
    logos = Logos(
        database, clients, fetcher=Fetcher(clock, rules=images, limits=LOGOS), clock=clock
    )
    lookups = Lookups(fetcher)
    registrations = SelfRegistrations(
        database,
        clients,
        amendments,
        tokens=tokens,
        outside=Outside(lookups, logos),
        clock=clock,
    )
    return ClientParts(
        clients=clients,
        amendments=amendments,
        client_keys=ClientKeys(fetcher, clock),
        logos=logos,
        self_service=SelfService(tokens, registrations, lookups),
        resources=ResourceServers(
            trail, clock, amendments, allow_http_loopback=offers.allow_http_loopback
        ),
        expiry=SecretExpiry(database, trail, ground.keyring, clock, administrators_of),
    )


def _offers(settings: Settings) -> Offers:
    """Return what clients may register for beside what their tenant offers: this server's API."""

    def own_api(tenant: Tenant) -> tuple[str, ...]:
        issuers = (settings.issuer, tenant_issuer(settings.issuer, tenant.slug, tenant.issuer_host))
        return tuple(f"{issuer}{API}" for issuer in issuers)

    permissions = frozenset(permission.value for permission in Permission)
    return Offers(
        own_api,
        permissions,
        missing=missing_methods(settings),
        allow_http_loopback=settings.is_loopback,
        partner_rate=settings.partner_rate,
    )
