"""Google: OpenID Connect, with the domain of a Workspace (`hd`)."""

from dataclasses import replace

from authserver.federation.connectors.base import CannotAskAnew, Start, UpstreamRefused
from authserver.federation.connectors.documents import Metadata
from authserver.federation.connectors.oidc import OidcConnector, Proved
from authserver.federation.values import Identity, Target

_ANY_WORKSPACE = "*"


class GoogleConnector(OidcConnector):
    """Speaks with Google. What it says of an address is not mapped: Google alone says it."""

    targets: tuple[Target, ...] = ()

    def check_start(self, start: Start) -> None:
        """Refuse what Google does not do: it has no `prompt=login`, and no `auth_time`."""
        if start.anew:
            raise CannotAskAnew("Google does not prove anew who somebody is")

    def scopes(self, _metadata: Metadata) -> tuple[str, ...]:
        """Return what is asked for; offline access is a parameter here."""
        return self.connection.scopes or self.default_scopes

    def parameters(self, start: Start) -> dict[str, str | None]:
        """Return what Google calls otherwise, and the domain, which is but a hint."""
        allowed = self.connection.allowed
        return {
            **super().parameters(start),
            "ui_locales": None,
            "hl": start.ui_locales[0] if start.ui_locales else None,
            "hd": (allowed[0] if len(allowed) == 1 else _ANY_WORKSPACE) if allowed else None,
            "access_type": "offline" if self.connection.keeps_tokens else None,
        }

    def asks_userinfo(self) -> tuple[Target, ...]:
        """Return nothing: UserInfo knows no more than the ID token."""
        return ()

    def identity(self, proved: Proved) -> Identity:
        """Return who it is. Raises UpstreamRefused if their Workspace may not come in."""
        domain = proved.claims.get("hd")
        domain = domain.lower() if isinstance(domain, str) else None
        if self.connection.allowed and domain not in self.connection.allowed:
            raise UpstreamRefused("the Workspace is not one that may come in")
        found = super().identity(proved)
        return replace(found, domain=domain, groups=())
