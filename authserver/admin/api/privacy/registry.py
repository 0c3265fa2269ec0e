"""/tenants/{tenant_id}/privacy/registry: what is stored about people, why, and until when."""

from collections.abc import Sequence
from dataclasses import asdict

from authserver.admin.api.privacy.consents import LIST
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.core.database.engine import Transaction
from authserver.privacy.registry.service import entries
from authserver.roles.catalogue import Permission


class EntryShown(Shown):
    """A column about people. `until` says in words for how long a value is kept."""

    table: str
    column: str
    purpose: str
    until: str
    exported: bool
    on_erasure: str


class EntryList(Shown):
    """The whole register (GDPR Article 30)."""

    items: tuple[EntryShown, ...]


class Registry:
    """The operation that reads the register."""

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", "/tenants/{tenant_id}/privacy/registry", Does.READ, Permission.USERS_READ,
                self.read_registry, "Read what is stored about people, and why", LIST,
                shows=EntryList,
            ),
        )  # fmt: skip

    def read_registry(self, _transaction: Transaction, _call: Call) -> Reply:
        """Return the register: the same for every tenant of this version."""
        return Reply(EntryList(items=tuple(EntryShown(**asdict(one)) for one in entries())))
