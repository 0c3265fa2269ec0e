"""/tenants/{tenant_id}/issuer: where the tenant's people sign in."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from authserver.admin.api.tenancy.rows import tenant_of, to_change
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission
from authserver.tenants.models import Tenant
from authserver.tokens.issuers.service import OwnIssuers

_TAG = "issuer"
_PATH = "/tenants/{tenant_id}/issuer"


class IssuerShown(Shown):
    """The issuer: the platform's, the tenant's own as a path, or at a host of its own."""

    url: str
    own: bool
    host: str | None


class NewIssuer(Given):
    """An issuer of the tenant's own, with keys of its own; at a proved domain, or as a path."""

    host: Annotated[str, Field(min_length=1, max_length=253)] | None = None


class IssuerOperations:
    """Operations on the issuer."""

    def __init__(self, issuers: OwnIssuers) -> None:
        """Take what changes it."""
        self._issuers = issuers

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write = Permission.SETTINGS_WRITE
        return (
            Operation(
                "GET", _PATH, Does.READ, Permission.SETTINGS_READ, self.read_issuer,
                "Read where a tenant's people sign in", _TAG, Where.VIEW, shows=IssuerShown,
            ),
            Operation(
                "PUT", _PATH, Does.CHANGE, write, self.move_issuer,
                "Give a tenant an issuer of its own, or move it", _TAG, body=NewIssuer,
                shows=IssuerShown, sensitive=True,
            ),
            Operation(
                "DELETE", _PATH, Does.CHANGE, write, self.end_issuer,
                "Let a tenant use the platform's issuer", _TAG, shows=IssuerShown, sensitive=True,
            ),
        )  # fmt: skip

    def read_issuer(self, transaction: Transaction, call: Call) -> Reply:
        """Return it."""
        return self._reply(tenant_of(transaction, call))

    def move_issuer(self, transaction: Transaction, call: Call) -> Reply:
        """Let it be there."""
        tenant = to_change(transaction, call)
        moved = self._issuers.move(
            transaction, tenant.id, host=call.body.host, actor=call.caller.actor
        )
        return self._reply(moved)

    def end_issuer(self, transaction: Transaction, call: Call) -> Reply:
        """Give it up."""
        tenant = to_change(transaction, call)
        return self._reply(self._issuers.end(transaction, tenant.id, actor=call.caller.actor))

    def _reply(self, tenant: Tenant) -> Reply:
        shown = IssuerShown(
            url=self._issuers.url_of(tenant), own=tenant.own_issuer, host=tenant.issuer_host
        )
        return Reply(shown, tenant.version)
