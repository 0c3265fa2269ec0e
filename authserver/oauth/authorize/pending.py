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
from authserver.oauth.authorize.accounts.choice import UNDECIDED, Choice
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
    choice: Choice = UNDECIDED


@dataclass(frozen=True)
class NewPending:
    """What a pending authorization is made from. A sign-in has to be for `account_id`, if set."""

    client: RegisteredClient
    request: AuthorizationRequest
    issuer: str
    browser: str
    began_at: datetime
    expires_at: datetime
    account_id: str | None


def create(transaction: Transaction, new: NewPending) -> Pending:
    """Store a request for a browser."""
    handle = new_secret()
    row = PendingAuthorization(
        id=new_id("req"),
        handle_hash=fingerprint(handle, PURPOSE),
        browser_hash=fingerprint(new.browser, BROWSER),
        client_id=new.client.id,
        issuer=new.issuer,
        parameters=new.request.to_json(),
        account_id=new.account_id,
        created_at=new.began_at,
        expires_at=new.expires_at,
    )
    transaction.tenant(new.client.tenant.id).add(row)
    return Pending(
        id=row.id,
        handle=handle,
        tenant_id=new.client.tenant.id,
        client_id=new.client.id,
        request=new.request,
        consented_by=None,
        denied=False,
        began_at=new.began_at,
        choice=Choice(account_id=new.account_id),
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


def choose(transaction: Transaction, pending: Pending, account_id: str) -> None:
    """Note which account the person chose, or that it is to be another one (`ANOTHER`)."""
    _update(transaction, pending, {"account_id": account_id, "person_id": None})


def fix(transaction: Transaction, pending: Pending, account_id: str | None) -> None:
    """Note which account a sign-in is for; None where it is for whoever it is."""
    _update(transaction, pending, {"account_id": account_id})


def remember_person(
    transaction: Transaction, pending: Pending, person_id: str, *, chosen: str | None
) -> None:
    """Note who has just signed in; `chosen` is the account that they were asked to sign in to."""
    _update(transaction, pending, {"account_id": chosen, "person_id": person_id})


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
        choice=Choice(account_id=row["account_id"], person_id=row["person_id"]),
    )
