"""The administration API's part about clients and connections: beside administration.py."""

from authserver.admin.api.clients.refused import Refusals
from authserver.admin.api.clients.registry import Clients, Keepers
from authserver.admin.api.clients.secrets import ClientSecrets
from authserver.admin.api.clients.using import Using
from authserver.admin.api.connections.operations import Connections, Parts
from authserver.admin.api.registrations import Registrations
from authserver.admin.api.resource_servers import ResourceServersApi
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.audit.reading import TrailReader
from authserver.oauth.token.trial import Trials
from authserver.wiring.services import Services


def client_operations(
    services: Services, cursors: Cursors, trail: TrailReader
) -> tuple[Operation, ...]:
    """Return the operations on clients, APIs, registrations and connections."""
    own, platform = services.self_service, services.settings.issuer
    keepers = Keepers(services.clients, services.amendments, own.lookups, services.logos)
    trials = Trials(services.caches.clients, services.mint, services.clock, platform)
    connections = Parts(
        services.federation.connections,
        services.federation.removal,
        services.connectors,
        services.keyring,
        platform,
    )
    resources = (
        Clients(keepers, cursors),
        ClientSecrets(services.clients, services.clock),
        Using(services.clients, trials, platform),
        Refusals(services.clients, trail, services.clock),
        ResourceServersApi(services.resources, cursors),
        Registrations(own.tokens, own.registrations, cursors),
        Connections(connections),
    )
    return tuple(operation for resource in resources for operation in resource.operations())
