"""Pending authorizations: a checked request, kept while its person signs in.

Named by an opaque handle in the URL and usable only by the browser it was made for: the handle
alone, followed from somebody's mail, leads nowhere.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update

from authserver.clients.registered import RegisteredClient
from authserver.core.crypto import same
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import Problem
from authserver.oauth import statements
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.oauth.models import PendingAuthorization
from authserver.tenants.resolve import Issuer

PURPOSE = "pending_authorization"
BROWSER = "flow_browser"


class FlowClosed(Problem):
    """The sign-in is over, expired, or belongs to another browser: all the same from outside."""

    code = "flow_closed"
    title = "This sign-in is no longer open"


@dataclass(frozen=True)
class Pending:
    """A stored request and how far it is."""

    id: str
    handle: str
    tenant_id: str
    client_id: str
    request: AuthorizationRequest
    consented_by: str | None
    denied: bool
    began_at: datetime


def create(
    transaction: Transaction,
    client: RegisteredClient,
    request: AuthorizationRequest,
    *,
    issuer: Issuer,
    browser: str,
    times: tuple[datetime, datetime],
) -> Pending:
    """Store a request for a browser; `times` are now and when it expires."""
    handle, began_at = new_secret(), times[0]
    row = PendingAuthorization(
        id=new_id("req"),
        handle_hash=fingerprint(handle, PURPOSE),
        browser_hash=fingerprint(browser, BROWSER),
        client_id=client.id,
        issuer=issuer.url,
        parameters=request.to_json(),
        created_at=began_at,
        expires_at=times[1],
    )
    transaction.tenant(client.tenant.id).add(row)
    return Pending(
        row.id, handle, client.tenant.id, client.id, request, None, denied=False, began_at=began_at
    )


def load(
    transaction: Transaction, handle: str, *, issuer: Issuer, browser: str, now: datetime
) -> Pending:
    """Return the pending authorization, or raise FlowClosed."""
    wanted = {"handle_hash": fingerprint(handle, PURPOSE)}
    row = transaction.row(statements.FIND_PENDING, wanted)
    if row is None or row["issuer"] != issuer.url:
        raise FlowClosed(detail="unknown handle, or another issuer")
    if not same(row["browser_hash"], fingerprint(browser, BROWSER)):
        raise FlowClosed(detail="another browser")
    if row["answered_at"] is not None or now >= row["expires_at"]:
        raise FlowClosed(detail="answered or expired")
    return _pending(handle, row)


def remember_consent(transaction: Transaction, pending: Pending, session_id: str) -> None:
    """Note that the person of a session allowed this very request."""
    _update(transaction, pending, {"consented_by": session_id})


def remember_denial(transaction: Transaction, pending: Pending, now: datetime) -> None:
    """Note that the person refused."""
    _update(transaction, pending, {"denied_at": now})


def answer(transaction: Transaction, pending: Pending, now: datetime) -> None:
    """Close the flow; the second to come here is refused."""
    values = {"of_tenant": pending.tenant_id, "pending_id": pending.id, "now": now}
    if not transaction.change(statements.ANSWER_PENDING, values):
        raise FlowClosed(detail="answered in another tab")


def _update(transaction: Transaction, pending: Pending, values: dict[str, Any]) -> None:
    statement = update(PendingAuthorization).where(PendingAuthorization.id == pending.id)
    transaction.tenant(pending.tenant_id).execute(statement.values(**values))


def _pending(handle: str, row: dict[str, Any]) -> Pending:
    return Pending(
        id=row["id"],
        handle=handle,
        tenant_id=row["tenant_id"],
        client_id=row["client_id"],
        request=AuthorizationRequest.from_json(row["parameters"]),
        consented_by=row["consented_by"],
        denied=row["denied_at"] is not None,
        began_at=row["created_at"],
    )
