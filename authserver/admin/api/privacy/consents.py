"""/tenants/{tenant_id}/users/{user_id}/consents: what a person decided, with what they read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from authserver.accounts.service import get
from authserver.admin.api.people.tools import USER, place
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.core.database.engine import Transaction
from authserver.privacy.consents.models import ConsentRecord
from authserver.privacy.consents.service import ConsentRecords, of_person
from authserver.privacy.consents.values import Recorded
from authserver.roles.catalogue import Permission

LIST = "privacy"


class ConsentShown(Shown):
    """A decision: `granted`, `denied` or `withdrawn`.

    `text_version` is the SHA-256 of `text`, which is what the person read, in `locale`. Without a
    client it was about the terms of the service. Address and browser are empty once the person is
    erased.
    """

    id: str
    act: str
    client_id: str | None
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    claims: tuple[str, ...]
    text_version: str | None
    text: dict[str, Any] | None
    locale: str | None
    decided_at: datetime
    address: str
    user_agent: str


class ConsentPage(Page[ConsentShown]):
    """A page of decisions."""


class Consents:
    """Operations on the record of consents."""

    def __init__(self, records: ConsentRecords, cursors: Cursors) -> None:
        """Take what reads it, and what makes cursors."""
        self._records = records
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", f"{USER}/consents", Does.READ, Permission.USERS_READ, self.list_consents,
                "List what a person allowed, denied and took back", LIST, query=PageQuery,
                shows=ConsentPage,
            ),
        )  # fmt: skip

    def list_consents(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, the latest first."""
        tenant_id, user_id = place(call)
        get(transaction, tenant_id, user_id)
        rows = Rows(transaction.tenant(tenant_id), of_person(user_id), "consents", backwards=True)

        def show(row: ConsentRecord) -> ConsentShown:
            (one,) = self._records.read(transaction, tenant_id, [row])
            return consent(one)

        items, after = self._cursors.page(rows, call, by=[ConsentRecord.id], show=show)
        return Reply(ConsentPage(items=items, next_cursor=after))


def consent(one: Recorded) -> ConsentShown:
    """Return a decision as the API shows it."""
    return ConsentShown(
        id=one.id,
        act=one.act.value,
        client_id=one.client_id,
        scope=one.scope,
        resources=one.resources,
        claims=one.claims,
        text_version=one.text_hash,
        text=dict(one.text) if one.text else None,
        locale=one.locale,
        decided_at=one.decided_at,
        address=one.address,
        user_agent=one.user_agent,
    )
