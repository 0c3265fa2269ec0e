"""/tenants/{tenant_id}/archive and /restore: a tenant that nobody works with any more."""

from collections.abc import Sequence

from authserver.admin.api.tenancy.rows import to_change
from authserver.admin.api.tenants import TenantShown, shown
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Where
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission
from authserver.tenants.archive import Archive

_TAG = "tenants"
_ONE = "/tenants/{tenant_id}"


class ArchiveOperations:
    """Operations on what is put away."""

    def __init__(self, archive: Archive) -> None:
        """Take what puts tenants away."""
        self._archive = archive

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write = Permission.TENANTS_WRITE
        return (
            Operation(
                "POST", f"{_ONE}/archive", Does.CHANGE, write, self.archive_tenant,
                "Put a tenant away: it is suspended, and is not resumed by mistake", _TAG,
                Where.PLATFORM, shows=TenantShown, sensitive=True,
            ),
            Operation(
                "POST", f"{_ONE}/restore", Does.CHANGE, write, self.restore_tenant,
                "Take an archived tenant out again, still suspended", _TAG, Where.PLATFORM,
                shows=TenantShown,
            ),
        )  # fmt: skip

    def archive_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Put it away."""
        tenant = to_change(transaction, call)
        done = self._archive.put_away(transaction, tenant.id, call.caller.actor)
        return Reply(shown(done), done.version)

    def restore_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Take it out."""
        tenant = to_change(transaction, call)
        done = self._archive.take_out(transaction, tenant.id, call.caller.actor)
        return Reply(shown(done), done.version)
