"""What the operations on people share: the place, who acts, the version that was read."""

from dataclasses import dataclass

from authserver.accounts.standing import held
from authserver.admin.api.people.shown import PersonShown, person
from authserver.admin.rest.operation import Call, Reply
from authserver.admin.rest.paging import Cursors
from authserver.admin.rest.problems import Changed
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.people.acts import Acts, By, Whom
from authserver.people.details import Details

LIST = "users"
USERS = "/tenants/{tenant_id}/users"
USER = USERS + "/{user_id}"


@dataclass(frozen=True)
class Tools:
    """What operations on people are answered with."""

    acts: Acts
    details: Details
    cursors: Cursors
    clock: Clock


def by(call: Call) -> By:
    """Return who acts, with the rights of the call."""
    return By(call.caller.actor, call.caller.grantor)


def place(call: Call) -> Whom:
    """Return the tenant and the person that a path names."""
    return Whom(call.path["tenant_id"], call.path["user_id"])


def check_unchanged(transaction: Transaction, call: Call) -> None:
    """Hold the person's row, if it still is what the caller read. Raises NotFound, Changed."""
    user = held(transaction, *place(call))
    if call.version is not None and call.version != user.version:
        raise Changed("Read it again, and decide anew.")


def shown(tools: Tools, transaction: Transaction, call: Call) -> Reply:
    """Return the person as it is now. Raises NotFound."""
    transaction.flush()
    found = tools.details.of(transaction, *place(call))
    content: PersonShown = person(found)
    return Reply(content, found.user.version)
