"""The public keys of clients, by which they sign and to which we encrypt."""

from collections.abc import Mapping

from authserver.clients.registered import RegisteredClient

_NONE: Mapping[str, object] = {"keys": []}


class ClientKeys:
    """Finds a client's key set."""

    def of(self, client: RegisteredClient, kid: str | None = None) -> Mapping[str, object]:
        """Return the client's key set (RFC 7517 section 5), which may be empty.

        `kid` is the key that is looked for, if it is known by name.
        """
        del kid
        return client.jwks or _NONE
