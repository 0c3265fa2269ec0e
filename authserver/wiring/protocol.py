"""The protocol's endpoints and the flow of authorizations: part of app.py's wiring."""

from collections.abc import Mapping, Sequence
from functools import partial

from authserver.api_keys.introspection import KeyIntrospection
from authserver.audit.checkpoints.keys import PublicKey
from authserver.oauth.access_tokens import AccessTokens
from authserver.oauth.authorize.accounts.present import PresentAccounts
from authserver.oauth.authorize.flow import AuthorizationFlow, Known
from authserver.oauth.authorize.incoming.hints import IdTokenHints
from authserver.oauth.authorize.incoming.taking import Elsewhere, IncomingRequests
from authserver.oauth.authorize.objects.reading import RequestObjects
from authserver.oauth.authorize.outgoing.answers import Answers
from authserver.oauth.authorize.repeats import Repeats
from authserver.oauth.device.deciding import Decisions
from authserver.oauth.device.endpoint import DeviceAuthorizationEndpoint
from authserver.oauth.device.service import Devices
from authserver.oauth.discovery import DiscoveryEndpoint
from authserver.oauth.dpop import Proofs
from authserver.oauth.dpop.resource import BoundTokens
from authserver.oauth.introspect import IntrospectionEndpoint
from authserver.oauth.jwks import JwksEndpoint
from authserver.oauth.lane.request import Endpoint
from authserver.oauth.par.endpoint import PushedRequestEndpoint
from authserver.oauth.par.gate import ClientGate
from authserver.oauth.par.pushed import PushedRequests
from authserver.oauth.revoke import RevocationEndpoint
from authserver.oauth.routes import machine_endpoints
from authserver.oauth.token.endpoint import TokenEndpoint
from authserver.oauth.token.grants.base import GrantTools
from authserver.oauth.trail.keys import TrailKeysEndpoint
from authserver.oauth.userinfo import UserinfoEndpoint
from authserver.settings import Settings
from authserver.wiring.clients.at_work import client_authentication, registration_endpoints
from authserver.wiring.clients.certificates import offered_certificates
from authserver.wiring.services import Services


def endpoints(services: Services, devices: Devices) -> Mapping[str, Endpoint]:
    """Return the machine lane's endpoints by path."""
    database, clock, trail = services.database, services.clock, services.trail
    caches = services.caches
    authentication = client_authentication(services)
    tokens = AccessTokens(caches.keys, database, clock, subjects=services.subjects)
    proofs = _proofs(services)
    return machine_endpoints(
        token=TokenEndpoint(
            authentication,
            _grant_tools(services, tokens),
            mint=services.mint,
            limiter=services.limiter,
            clock=clock,
            proofs=proofs,
        ),
        par=PushedRequestEndpoint(
            authentication,
            ClientGate(database, trail, limiter=services.limiter, clock=clock),
            requests=_incoming(services),
            pushed=_pushed(services),
            database=database,
            proofs=proofs,
        ),
        introspect=IntrospectionEndpoint(
            authentication,
            tokens,
            caches.keys,
            api_keys=KeyIntrospection(services.api_keys.holders, services.subjects.of),
            database=database,
            clock=clock,
        ),
        revoke=RevocationEndpoint(
            authentication, tokens, database=database, trail=trail, clock=clock
        ),
        userinfo=UserinfoEndpoint(
            tokens, caches.clients, services.wrapping, bound=bound_tokens(services)
        ),
        jwks=JwksEndpoint(caches.keys, clock),
        discovery=DiscoveryEndpoint(
            caches.keys,
            _links(services.settings),
            certificates=offered_certificates(services.settings),
        ),
        device=DeviceAuthorizationEndpoint(
            authentication, devices, database=database, limiter=services.limiter, clock=clock
        ),
        trail_keys=TrailKeysEndpoint(partial(_trail_keys, services)),
        **registration_endpoints(services),
    )


def bound_tokens(services: Services) -> BoundTokens:
    """Return what sees the keys of bound tokens at resources of ours."""
    return BoundTokens(_proofs(services), services.database)


def _trail_keys(services: Services) -> Sequence[PublicKey]:
    with services.database.read() as view:
        return services.proving.keys.published(view)


def _proofs(services: Services) -> Proofs:
    return Proofs(
        services.database,
        trail=services.trail,
        clock=services.clock,
        keys=services.keyring.derive("proof nonces"),
    )


def _links(settings: Settings) -> dict[str, str]:
    """Return what the metadata of every issuer name for people, by member (RFC 8414 section 2)."""
    known = {
        "service_documentation": settings.service_documentation,
        "op_policy_uri": settings.policy_uri,
        "op_tos_uri": settings.terms_uri,
    }
    return {name: url for name, url in known.items() if url}


def _grant_tools(services: Services, tokens: AccessTokens) -> GrantTools:
    settings = services.settings
    return GrantTools(
        database=services.database,
        trail=services.trail,
        keyring=services.keyring,
        clock=services.clock,
        access_tokens=tokens,
        refresh_idle=settings.refresh_idle,
        refresh_absolute=settings.refresh_absolute,
        refresh_grace=settings.refresh_grace,
        exchange_depth=settings.exchange_depth,
        assertion_life=settings.access_token_life,
        issuer_keys=services.issuer_keys,
        meter=services.meter,
    )


def authorization_flow(services: Services, devices: Devices) -> AuthorizationFlow:
    """Return what drives authorizations."""
    settings, caches = services.settings, services.caches
    accounts = PresentAccounts(
        services.database,
        services.sessions,
        guests=services.guests,
        tenants=caches.tenants,
        subjects=services.subjects,
    )
    known = Known(
        _incoming(services),
        Answers(caches.keys, services.clock),
        accounts,
        repeats=Repeats(settings.challenge_repeats),
        factors=services.factors,
        devices=Decisions(services.database, devices, trail=services.trail, clock=services.clock),
    )
    return AuthorizationFlow(
        services.database,
        known,
        trail=services.trail,
        clock=services.clock,
        lives=(settings.authorization_time, settings.code_life),
    )


def _incoming(services: Services) -> IncomingRequests:
    """Return what takes authorization requests, however they come."""
    caches, clock = services.caches, services.clock
    elsewhere = Elsewhere(
        RequestObjects(services.client_keys, services.client_documents, clock),
        _pushed(services),
        IdTokenHints(caches.keys),
    )
    return IncomingRequests(caches.clients, elsewhere, Answers(caches.keys, clock))


def _pushed(services: Services) -> PushedRequests:
    return PushedRequests(
        services.database, services.clock, life=services.settings.pushed_request_life
    )
