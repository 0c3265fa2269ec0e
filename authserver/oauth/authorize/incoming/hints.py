"""`id_token_hint`: an ID token of ours says whom the client means (OIDC Core section 3.1.2.1)."""

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.jose import InvalidToken
from authserver.oauth.errors import OAuthError
from authserver.tenants.resolve import Issuer
from authserver.tokens.calendar import IssuerKeys


class IdTokenHints:
    """Reads ID tokens back, however old they are: a hint proves nobody, and opens nothing."""

    def __init__(self, keys: Snapshots[str | None, IssuerKeys]) -> None:
        """Take the keys of every issuer."""
        self._keys = keys

    def subject(self, hint: str, issuer: Issuer, client: RegisteredClient) -> str:
        """Return whom the client means, as it calls them. Raises OAuthError.

        Only its own ID tokens count: what another client calls somebody is not this one's business.
        """
        keys = self._keys.get(issuer.tenant_id)
        if keys is None:
            raise _refuse("the issuer has no keys")
        try:
            claims = keys.id_tokens.read(hint)
        except InvalidToken as error:
            raise _refuse(str(error)) from error
        if claims["iss"] != issuer.url or claims["aud"] != client.id:
            raise _refuse("of another issuer, or for another client")
        return str(claims["sub"])


def _refuse(detail: str) -> OAuthError:
    said = "the id_token_hint is no ID token of this client"
    return OAuthError("invalid_request", said, detail=detail)
