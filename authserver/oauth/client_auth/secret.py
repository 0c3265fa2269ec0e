"""client_secret_basic and client_secret_post: the SHA-256 of a 256-bit secret."""

from datetime import datetime

from authserver.clients.registered import RegisteredClient
from authserver.core.ids import fingerprint
from authserver.oauth.client_auth.credentials import Credentials, refuse

METHODS = ("client_secret_basic", "client_secret_post")
PURPOSE = "client_secret"


def verify(client: RegisteredClient, credentials: Credentials, now: datetime) -> None:
    """Compare with every live secret of the client."""
    if not client.has_secret(fingerprint(credentials.proof, PURPOSE), now):
        raise refuse("wrong secret", basic=credentials.method == "client_secret_basic")
