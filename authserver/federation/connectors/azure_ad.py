"""Microsoft Entra ID (v2.0): directories, of which each is an issuer of its own.

The key of a person is the issuer that holds the `tid`, and the `oid`. Its `email` is what somebody
wrote: it is shown, and verified only if the directory's owner proved it (`xms_edov`, ATK-001).
"""

import re
from dataclasses import replace

from authserver.federation.connectors import claims as said
from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.documents import Metadata
from authserver.federation.connectors.oidc import Claims, OidcConnector, Ours, Proved, Tools
from authserver.federation.values import Identity, Target

_ORGANIZATIONS = "organizations"
_TEMPLATE = "{tenantid}"
_EVERYBODY = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the directory of all personal accounts
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class AzureAdConnector(OidcConnector):
    """Speaks with Entra: with one directory, or with several that are allowed."""

    targets: tuple[Target, ...] = (Target.GROUPS,)

    def __init__(self, ours: Ours, tools: Tools) -> None:
        """Take what we have there; the directory that is asked is below the cloud's base URL."""
        allowed = ours.connection.allowed
        self._directory = allowed[0] if len(allowed) == 1 else _ORGANIZATIONS
        self._cloud = ours.base.rstrip("/")
        super().__init__(replace(ours, base=f"{self._cloud}/{self._directory}/v2.0"), tools)

    @property
    def published_issuer(self) -> str:
        """Return the directory's issuer, or the template that stands for each."""
        single = self._directory != _ORGANIZATIONS
        return self._issuer(self._directory if single else _TEMPLATE)

    def callback_issuer(self, metadata: Metadata) -> str | None:
        """Return the directory's issuer; whose several are, only the ID token tells."""
        return None if self._directory == _ORGANIZATIONS else metadata.issuer

    def issuer_of(self, claims: Claims, key: Claims) -> str:
        """Return the issuer of the directory that the token says it is of, if that may come in.

        A key of Entra's says whom it may sign for: with the template, for any directory.
        """
        directory = claims.get("tid")
        if not isinstance(directory, str) or not _GUID.fullmatch(directory):
            raise UpstreamRefused("the ID token names no directory")
        allowed = self.connection.allowed
        if directory not in allowed and (allowed or directory == _EVERYBODY):
            raise UpstreamRefused("the directory is not one that may come in")
        issuer = self._issuer(directory)
        if key.get("issuer", issuer) not in {issuer, self._issuer(_TEMPLATE)}:
            raise UpstreamRefused("the key does not sign for this directory")
        return issuer

    def asks_userinfo(self) -> tuple[Target, ...]:
        """Return nothing: UserInfo knows no more than the ID token."""
        return ()

    def identity(self, proved: Proved) -> Identity:
        """Return who it is; the `sub` is another one for each application, so it is not the key."""
        claims, person = proved.claims, proved.claims.get("oid")
        if not isinstance(person, str) or not _GUID.fullmatch(person):
            raise UpstreamRefused("the ID token names nobody of the directory")
        found = super().identity(replace(proved, subject=person))
        # Only the token speaks of the token's address.
        sure = Target.EMAIL.value in claims and said.is_true(claims.get("xms_edov"))
        return replace(
            found, tenant=str(claims["tid"]), email_verified=sure and found.email is not None
        )

    def _issuer(self, directory: str) -> str:
        return f"{self._cloud}/{directory}/v2.0"
