"""/tenants/{tenant_id}/users/{user_id}/erasure, and the tenant's erasures with their receipts."""

from collections.abc import Sequence
from datetime import datetime

from authserver.admin.api.people.shown import Reason
from authserver.admin.api.people.tools import USER
from authserver.admin.api.privacy.consents import LIST
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.core.database.engine import Transaction
from authserver.privacy.erasure.models import Erasure
from authserver.privacy.erasure.receipts import Receipts
from authserver.privacy.erasure.service import Erasures, of_tenant
from authserver.privacy.erasure.values import By, ErasureView, State, Whom
from authserver.roles.catalogue import Permission


class ErasureShown(Shown):
    """An erasure. `held`: it waits behind a legal hold; `removed`: how many rows of which tables.

    `asked_by` is the kind of who asked; `home`: the person's own organization erased the account.
    """

    id: str
    user_id: str
    state: State
    asked_by: str
    asked_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    held: bool
    removed: dict[str, int]


class ErasurePage(Page[ErasureShown]):
    """A page of erasures, the latest first."""


class ReceiptShown(Shown):
    """The signed receipt: a JWS of the type `erasure-receipt+jwt`."""

    receipt: str


class ErasuresApi:
    """Operations on erasures."""

    def __init__(self, erasures: Erasures, receipts: Receipts, cursors: Cursors) -> None:
        """Take what has people erased, what makes receipts, and what makes cursors."""
        self._erasures = erasures
        self._receipts = receipts
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.USERS_READ, Permission.USERS_WRITE
        every = "/tenants/{tenant_id}/erasures"
        return (
            Operation(
                "POST", f"{USER}/erasure", Does.CREATE, write, self.create_erasure,
                "Let a person be erased when the tenant's time is over", LIST, body=Reason,
                shows=ErasureShown, sensitive=True,
            ),
            Operation(
                "POST", f"{USER}/erasure/cancel", Does.CHANGE, write, self.cancel_erasure,
                "Call an erasure off that has not begun", LIST, shows=ErasureShown,
            ),
            Operation(
                "GET", every, Does.READ, read, self.list_erasures,
                "List the erasures of a tenant", LIST, query=PageQuery, shows=ErasurePage,
            ),
            Operation(
                "GET", f"{every}/{{erasure_id}}", Does.READ, read, self.read_erasure,
                "Read how an erasure stands", LIST, shows=ErasureShown,
            ),
            Operation(
                "GET", f"{every}/{{erasure_id}}/receipt", Does.READ, read, self.read_receipt,
                "Read the signed receipt of an erasure", LIST, shows=ReceiptShown,
            ),
        )  # fmt: skip

    def create_erasure(self, transaction: Transaction, call: Call) -> Reply:
        """Let a person be erased."""
        reason: Reason = call.body
        made = self._erasures.order(transaction, whom(call), reason.reason, by=acting(call))
        where = f"/tenants/{call.path['tenant_id']}/erasures/{made.id}"
        return Reply(shown(made), location=where)

    def cancel_erasure(self, transaction: Transaction, call: Call) -> Reply:
        """Call it off."""
        return Reply(shown(self._erasures.cancel(transaction, whom(call), by=acting(call))))

    def list_erasures(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page."""
        tenant_id = call.path["tenant_id"]
        rows = Rows(transaction.tenant(tenant_id), of_tenant(), "erasures", backwards=True)

        def show(row: Erasure) -> ErasureShown:
            return shown(self._erasures.one(transaction, tenant_id, row.id))

        items, after = self._cursors.page(rows, call, by=[Erasure.id], show=show)
        return Reply(ErasurePage(items=items, next_cursor=after))

    def read_erasure(self, transaction: Transaction, call: Call) -> Reply:
        """Return an erasure, whose account may be gone."""
        return Reply(shown(self._erasures.one(transaction, *_place(call))))

    def read_receipt(self, transaction: Transaction, call: Call) -> Reply:
        """Return the receipt."""
        return Reply(ReceiptShown(receipt=self._receipts.of(transaction, *_place(call))))


def whom(call: Call) -> Whom:
    """Return whom a path names."""
    return Whom(call.path["tenant_id"], call.path["user_id"])


def acting(call: Call) -> By:
    """Return who acts, with the rights of the call."""
    caller = call.caller
    return By(caller.actor, caller.tenant_id, caller.grantor)


def shown(one: ErasureView) -> ErasureShown:
    """Return an erasure as the API shows it."""
    return ErasureShown(**{**vars(one), "removed": dict(one.removed)})


def _place(call: Call) -> tuple[str, str]:
    return call.path["tenant_id"], call.path["erasure_id"]
