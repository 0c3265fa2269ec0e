"""Every protocol URL -> function: start reading here."""

from collections.abc import Mapping

from flask import Blueprint

from authserver.oauth.authorize.endpoint import AuthorizeEndpoint
from authserver.oauth.device.endpoint import DeviceAuthorizationEndpoint
from authserver.oauth.discovery import DiscoveryEndpoint
from authserver.oauth.introspect import IntrospectionEndpoint
from authserver.oauth.jwks import JwksEndpoint
from authserver.oauth.lane.request import Endpoint
from authserver.oauth.logout.endpoint import LogoutEndpoint
from authserver.oauth.par.endpoint import PushedRequestEndpoint
from authserver.oauth.register.endpoint import OwnRegistrationEndpoint, RegisterEndpoint
from authserver.oauth.revoke import RevocationEndpoint
from authserver.oauth.token.endpoint import TokenEndpoint
from authserver.oauth.trail_keys import TrailKeysEndpoint
from authserver.oauth.userinfo import UserinfoEndpoint


def machine_endpoints(  # noqa: PLR0913  one for each endpoint
    *,
    token: TokenEndpoint,
    par: PushedRequestEndpoint,
    introspect: IntrospectionEndpoint,
    revoke: RevocationEndpoint,
    userinfo: UserinfoEndpoint,
    jwks: JwksEndpoint,
    discovery: DiscoveryEndpoint,
    register: RegisterEndpoint,
    own_registration: OwnRegistrationEndpoint,
    device: DeviceAuthorizationEndpoint,
    trail_keys: TrailKeysEndpoint,
) -> Mapping[str, Endpoint]:
    """Return the machine lane's endpoints by path, relative to the issuer."""
    return {
        "/oauth/token": token,
        "/oauth/par": par,
        "/oauth/introspect": introspect,
        "/oauth/revoke": revoke,
        "/oauth/userinfo": userinfo,
        "/oauth/jwks": jwks,
        "/oauth/register": register,
        "/oauth/register/": own_registration,  # and what is below it
        "/oauth/device_authorization": device,
        "/.well-known/openid-configuration": discovery,
        "/.well-known/oauth-authorization-server": discovery,
        "/.well-known/audit-keys": trail_keys,
    }


def people(authorize: AuthorizeEndpoint, logout: LogoutEndpoint) -> Blueprint:
    """Return the blueprint of what clients send browsers to."""
    routes = Blueprint("oauth", __name__)
    routes.add_url_rule("/oauth/authorize", "authorize", authorize.answer, methods=["GET", "POST"])
    routes.add_url_rule("/oauth/logout", "logout", logout.answer, methods=["GET", "POST"])
    return routes
