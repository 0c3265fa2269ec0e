"""What every token request must pass, whatever the grant. The order is part of the rule."""

from collections.abc import Callable

from authserver.core.net import addresses as net
from authserver.oauth.errors import OAuthError
from authserver.oauth.mtls.presented import binds
from authserver.oauth.token.grants import GRANTS
from authserver.oauth.token.request import TokenRequest

Check = Callable[[TokenRequest], None]


def check_client_address(request: TokenRequest) -> None:
    """Refuse an address outside the client's allowlist, if it has one."""
    networks = request.client.networks
    if networks and not net.contains(networks, net.parse_address(request.address)):
        raise AddressRefusedError


def check_client_rate(request: TokenRequest) -> None:
    """Refuse when the client's bucket is empty."""
    if request.rate is not None and not request.rate.allowed:
        raise OAuthError(
            "slow_down",
            "the rate limit of this client is exceeded",
            headers=request.rate.headers(),
        )


def check_grant_type(request: TokenRequest) -> None:
    """Refuse a grant that does not exist or that the client did not register."""
    grant_type = request.grant_type
    if grant_type not in GRANTS:
        raise OAuthError("unsupported_grant_type", "this grant type is not supported")
    if grant_type not in request.client.grant_types:
        raise OAuthError("unauthorized_client", "the client may not use this grant type")


def check_key(request: TokenRequest) -> None:
    """Refuse a client that does not show what it registered to bind all its tokens to.

    A proof (RFC 9449 section 5.2), or a certificate (RFC 8705 section 3.4).
    """
    if request.bound_to is not None:
        return
    if request.client.options.dpop_bound_access_tokens:
        raise OAuthError("invalid_dpop_proof", "the client must send a DPoP proof")
    if binds(request.client):
        raise OAuthError("invalid_request", "the client must show its certificate")


def check_scope(request: TokenRequest) -> None:
    """Refuse a scope outside the client's list."""
    if not set(request.scope) <= set(request.client.scopes):
        raise OAuthError("invalid_scope", "the client may not ask for this scope")


def check_resource(request: TokenRequest) -> None:
    """Refuse a target service outside the client's list (RFC 8707)."""
    if not set(request.resources) <= set(request.client.audiences):
        raise OAuthError("invalid_target", "the client may not ask for this resource")


class AddressRefusedError(OAuthError):
    """The caller's address is not on the client's list; the endpoint records it."""

    def __init__(self) -> None:
        """Say no without saying what would be allowed."""
        super().__init__("unauthorized_client", "the client may not call from this address")


CHECKS: tuple[Check, ...] = (
    check_client_address,
    check_client_rate,
    check_grant_type,
    check_key,
    check_scope,
    check_resource,
)
