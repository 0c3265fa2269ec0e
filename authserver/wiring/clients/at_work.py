"""How clients prove who they are and register, built from the services: part of app.py's wiring."""

from typing import TypedDict

from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.client_auth.assertions import Assertions
from authserver.oauth.client_auth.authenticate import Proving
from authserver.oauth.client_auth.guard import WrongProofs
from authserver.oauth.mtls.methods import CertificateAuthentication
from authserver.oauth.register.endpoint import OwnRegistrationEndpoint, RegisterEndpoint
from authserver.wiring.clients.certificates import authorities
from authserver.wiring.services import Services


class RegistrationEndpoints(TypedDict):
    """The endpoints by the names under which the routes have them."""

    register: RegisterEndpoint
    own_registration: OwnRegistrationEndpoint


def client_authentication(services: Services) -> ClientAuthentication:
    """Return what authenticates the clients of requests."""
    database, clock = services.database, services.clock
    assertions = Assertions(database, services.client_keys, services.keyring, clock=clock)
    return ClientAuthentication(
        services.caches.clients,
        database,
        trail=services.trail,
        clock=clock,
        proving=Proving(
            assertions,
            CertificateAuthentication(services.client_keys, authorities(services.settings), clock),
            WrongProofs(services.limiter, services.meter),
        ),
    )


def registration_endpoints(services: Services) -> RegistrationEndpoints:
    """Return what clients register with themselves."""
    given = (services.self_service.registrations, services.limiter, services.watch.changed)
    return {
        "register": RegisterEndpoint(*given),
        "own_registration": OwnRegistrationEndpoint(*given),
    }
