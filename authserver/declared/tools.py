"""The services that make things so."""

from dataclasses import dataclass

from authserver.audit.events import Actor
from authserver.clients.amending import Amendments
from authserver.clients.service import ClientService
from authserver.federation.administration.admission import Admission
from authserver.federation.service import ConnectionService
from authserver.roles.custom import CustomRoles
from authserver.tenants.service import TenantService
from authserver.tokens.keys import KeyService


@dataclass(frozen=True)
class Tools:
    """What a file is applied with. `operator`: an actor without a principal."""

    tenants: TenantService
    admission: Admission
    keys: KeyService
    custom_roles: CustomRoles
    clients: ClientService
    amendments: Amendments
    connections: ConnectionService
    operator: Actor
