"""client_credentials: a client asks for itself (RFC 6749 section 4.4)."""

from authserver.audit.events import Event, EventType
from authserver.core.database.engine import Transaction
from authserver.oauth import scopes
from authserver.oauth.errors import OAuthError
from authserver.oauth.token.grants.base import Grant, client_stands
from authserver.oauth.token.request import TokenRequest
from authserver.tokens.authorization import Authorization, TokenSet


def own_authorization(request: TokenRequest) -> Authorization:
    """Return what a client may have for itself. Raises OAuthError."""
    client = request.client
    if client.is_public:
        raise OAuthError("unauthorized_client", "a public client has nothing of its own")
    allowed = [scope for scope in client.scopes if scope not in scopes.OPENID_SCOPES]
    return Authorization(
        issuer=request.issuer,
        client=client,
        scope=scopes.narrow(request.scope, allowed),
        audience=scopes.audience(request.resources, client.audiences, request.issuer.url),
    )


class ClientCredentials(Grant):
    """Scopes only from the client's own list; never for a public client."""

    async def authorize(self) -> Authorization:
        """Return the client's own authorization."""
        return own_authorization(self.request)

    def settle(
        self, transaction: Transaction, authorization: Authorization, issued: TokenSet
    ) -> bool:
        """Record the token if client and tenant are still what the snapshot says."""
        client = authorization.client
        if not client_stands(transaction, client):
            return False
        event = Event(
            EventType.MACHINE_TOKEN_ISSUED,
            client.tenant.id,
            self.request.actor(),
            resource=f"client:{client.id}",
            facts={
                "jti": issued.jti,
                "scope": authorization.scope,
                "audience": authorization.audience,
            },
        )
        self.tools.trail.record(transaction, event)
        return True
