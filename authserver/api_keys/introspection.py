"""What services learn of a key that they were shown, by introspection (RFC 7662 section 2.2)."""

from collections.abc import Callable, Mapping
from typing import Any

from authserver.api_keys import form
from authserver.api_keys.holders import Holder, Holders
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import epoch
from authserver.tenants.resolve import Issuer

API_KEY = "api_key"
_SERVICE, _INTERNAL = "service", "internal"


class KeyIntrospection:
    """Says whose a key is and what it may do, to whom that concerns."""

    def __init__(self, holders: Holders, subject: Callable[[RegisteredClient, str], str]) -> None:
        """Take who holds keys, and what a client calls a person."""
        self._holders = holders
        self._subject = subject

    def is_key(self, token: str) -> bool:
        """Tell whether a token means to be a key."""
        return form.is_key(token)

    def said(
        self, caller: RegisteredClient, key: str, *, issuer: Issuer, address: str | None
    ) -> Mapping[str, object] | None:
        """Return what a key allows now; None where it does not hold, or is not the caller's.

        A key is for every service of its tenant, and for those of the company's own. `address` is
        from where it was shown, as the service says.
        """
        if caller.kind != _SERVICE:
            return None
        holder = self._holders.find(key, issuer_tenant=issuer.tenant_id, address=address)
        if holder is None or not _concerns(caller, holder):
            return None
        return self._describe(caller, holder, issuer)

    def _describe(
        self, caller: RegisteredClient, holder: Holder, issuer: Issuer
    ) -> Mapping[str, object]:
        said: dict[str, Any] = {
            "active": True,
            "token_type": API_KEY,
            "iss": issuer.url,
            "scope": " ".join(holder.scopes),
            "jti": holder.key_id,
            "iat": epoch(holder.created_at),
            "tenant_id": holder.tenant_id,
            "tenant": holder.tenant_slug,
            "tenant_type": holder.tenant_type,
        }
        if holder.expires_at is not None:
            said["exp"] = epoch(holder.expires_at)
        if holder.user_id is None:
            return said | {"sub": holder.client_id, "client_id": holder.client_id}
        subject = self._subject(caller, holder.user_id)
        return said | {"sub": subject, "roles": list(holder.roles)}


def _concerns(caller: RegisteredClient, holder: Holder) -> bool:
    return caller.tenant.id == holder.tenant_id or caller.tenant.type == _INTERNAL
