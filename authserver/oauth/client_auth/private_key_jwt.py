"""private_key_jwt: an assertion signed with a key of the client."""

from datetime import datetime
from typing import Any

from authserver.clients.keys import ClientKeys
from authserver.clients.registered import RegisteredClient
from authserver.core.jose import read_foreign, unverified_header
from authserver.oauth.client_auth.credentials import Credentials

METHOD = "private_key_jwt"
ALGORITHMS = ["ES256", "ES384", "RS256", "PS256", "EdDSA"]


class ByKey:
    """Verifies with the keys that the client registered or publishes."""

    def __init__(self, keys: ClientKeys) -> None:
        """Take what finds the keys."""
        self._keys = keys

    def claims(
        self, client: RegisteredClient, credentials: Credentials, now: datetime
    ) -> dict[str, Any]:
        """Return the claims under a good signature. Raises InvalidToken."""
        del now
        keys = self._keys.of(client, kid_of(credentials))
        only = client.options.token_endpoint_auth_signing_alg
        return read_foreign(credentials.proof, keys, [only] if only else [*client.proof_algorithms])


def kid_of(credentials: Credentials) -> str | None:
    """Return the name of the key that an assertion claims to be signed with."""
    kid = unverified_header(credentials.proof).get("kid")
    return kid if isinstance(kid, str) else None
