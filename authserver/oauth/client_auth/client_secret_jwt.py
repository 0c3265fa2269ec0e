"""client_secret_jwt: an assertion signed with the client's secret, where the tenant allows it."""

from datetime import datetime
from typing import Any

from authserver.clients.policy import SECRET_ALGORITHMS
from authserver.clients.registered import RegisteredClient
from authserver.clients.secrets import place
from authserver.core.crypto import DecryptionError, Keyring
from authserver.core.jose import InvalidToken, read_with_secret
from authserver.oauth.client_auth.credentials import Credentials

METHOD = "client_secret_jwt"


class BySecret:
    """Verifies with the secrets of the client that have not ended."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the master keys, under which such secrets are kept."""
        self._keyring = keyring

    def claims(
        self, client: RegisteredClient, credentials: Credentials, now: datetime
    ) -> dict[str, Any]:
        """Return the claims under a good signature. Raises InvalidToken."""
        if not client.tenant.client_secret_jwt:
            raise InvalidToken("the tenant does not allow client_secret_jwt any more")
        sealed = [(one.id, one.sealed) for one in client.live_secrets(now) if one.sealed]
        try:
            secrets = [self._keyring.decrypt(value, place(name)) for name, value in sealed]
        except DecryptionError as error:
            raise InvalidToken("the secret is under a key that is not here") from error
        only = client.options.token_endpoint_auth_signing_alg
        return read_with_secret(credentials.proof, secrets, [only] if only else SECRET_ALGORITHMS)
