"""Subject identifiers: what a person is called towards a client (OpenID Connect Core section 8).

Public: the id of the account, the same for every client. Pairwise: another one for each sector, so
that clients of two companies cannot tell that they know the same person. It cannot be turned back,
and is the same as long as the installation lives, whatever becomes of its keys.
"""

import hmac
from collections.abc import Callable
from functools import cached_property

from authserver.clients.registered import RegisteredClient
from authserver.core.crypto import derive, pack
from authserver.core.values.base64url import base64url


class SubjectIdentifiers:
    """Names people, and their sessions, towards clients."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        """Take what reads the installation's secret; it is read once, when first needed."""
        self._read = secret

    @cached_property
    def _salt(self) -> bytes:
        return derive(self._read(), "pairwise subjects")

    def of(self, client: RegisteredClient, user_id: str) -> str:
        """Return the `sub` of an account in everything that the client sees."""
        return user_id if client.sector is None else self._hidden("sub", client.sector, user_id)

    def session(self, client: RegisteredClient, session_id: str) -> str:
        """Return the `sid` of a session in everything that the client sees.

        Two clients that hear of the same session would know that it is the same person's.
        """
        if client.sector is None:
            return session_id
        return self._hidden("sid", client.sector, session_id)

    def _hidden(self, kind: str, sector: str, value: str) -> str:
        digest = hmac.digest(self._salt, pack(kind, sector, value), "sha256")
        return base64url(digest).decode()
