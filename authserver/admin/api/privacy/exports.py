"""/tenants/{tenant_id}/users/{user_id}/exports: copies of everything stored about a person.

Who administers may have one made; its link is mailed to the person and opened by the person alone.
"""

from collections.abc import Sequence
from datetime import datetime

from authserver.accounts.service import get
from authserver.admin.api.imports import begun_by
from authserver.admin.api.people.tools import USER, place
from authserver.admin.api.privacy.consents import LIST
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.core.database.engine import Transaction
from authserver.privacy.exports.service import Exports, Person
from authserver.privacy.exports.values import Copy
from authserver.roles.catalogue import Permission


class ExportShown(Shown):
    """A copy: `making`, `ready`, `taken` or `lost`. `asked_by` is the kind of who asked.

    `parts` are written so far.
    """

    id: str
    standing: str
    asked_by: str
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    taken_at: datetime | None
    parts: int


class ExportList(Shown):
    """Copies of a month, the latest first."""

    items: tuple[ExportShown, ...]


class ExportsApi:
    """Operations on copies."""

    def __init__(self, exports: Exports) -> None:
        """Take what has them made."""
        self._exports = exports

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        path = f"{USER}/exports"
        return (
            Operation(
                "GET", path, Does.READ, Permission.USERS_READ, self.list_exports,
                "List copies of a person's data", LIST, shows=ExportList,
            ),
            Operation(
                "POST", path, Does.CREATE, Permission.USERS_WRITE, self.create_export,
                "Mail a person the link to a copy of everything stored about them", LIST,
                shows=ExportShown,
            ),
        )  # fmt: skip

    def list_exports(self, transaction: Transaction, call: Call) -> Reply:
        """Return the copies."""
        get(transaction, *place(call))
        found = self._exports.of_person(transaction, Person(*place(call)))
        return Reply(ExportList(items=tuple(map(_shown, found))))

    def create_export(self, transaction: Transaction, call: Call) -> Reply:
        """Have a copy made."""
        person, caller = Person(*place(call)), call.caller
        made = self._exports.ask(transaction, person, begun_by(caller), actor=caller.actor)
        where = f"/tenants/{person.tenant_id}/users/{person.id}/exports"
        return Reply(_shown(made), location=where)


def _shown(one: Copy) -> ExportShown:
    return ExportShown(
        id=one.id,
        standing=one.standing.value,
        asked_by=one.asked_by,
        created_at=one.created_at,
        ready_at=one.ready_at,
        expires_at=one.expires_at,
        taken_at=one.taken_at,
        parts=one.parts,
    )
