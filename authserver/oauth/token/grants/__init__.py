"""The grants, one file each. A grant finds out what may be issued; it mints nothing."""

from collections.abc import Mapping

from authserver.clients.policy import DEVICE_CODE
from authserver.oauth.assertions.values import JWT_BEARER
from authserver.oauth.exchange.policy import TOKEN_EXCHANGE
from authserver.oauth.token.grants.authorization_code import AuthorizationCodeGrant
from authserver.oauth.token.grants.base import Grant
from authserver.oauth.token.grants.client_credentials import ClientCredentials
from authserver.oauth.token.grants.device_code import DeviceCodeGrant
from authserver.oauth.token.grants.jwt_bearer import JwtBearer
from authserver.oauth.token.grants.refresh_token import RefreshTokenGrant
from authserver.oauth.token.grants.token_exchange import TokenExchange

GRANTS: Mapping[str, type[Grant]] = {
    "authorization_code": AuthorizationCodeGrant,
    "refresh_token": RefreshTokenGrant,
    "client_credentials": ClientCredentials,
    DEVICE_CODE: DeviceCodeGrant,
    TOKEN_EXCHANGE: TokenExchange,
    JWT_BEARER: JwtBearer,
}
# Whoever has to read somebody's keys waits for the network: nobody else does so with them.
SLOW = frozenset({JWT_BEARER})
