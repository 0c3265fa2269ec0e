"""Which person of the tenant an assertion is about, as by a provider's word (TOP-01)."""

from datetime import datetime
from typing import Any

from authserver.core.database.engine import Transaction
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.federation import connections
from authserver.mfa.policy import FEDERATED, is_due
from authserver.oauth.assertions import statements
from authserver.oauth.assertions.judging import Vouched, refuse
from authserver.oauth.assertions.values import SubjectKind, Trusted
from authserver.roles.policy import is_privileged
from authserver.tenants import domains
from authserver.tokens.authorization import Person
from authserver.tokens.families import person_of

_SECOND_FACTOR = "mfa"


def find(
    view: Transaction, tenant_id: str, trusted: Trusted, *, vouched: Vouched, now: datetime
) -> Person:
    """Return the person. Raises invalid_grant, for every reason the same."""
    if trusted.subject is SubjectKind.EMAIL:
        row = _by_email(view, tenant_id, vouched)
    else:
        row = _by_identity(view, tenant_id, trusted, subject=vouched.subject)
    if row is None:
        raise refuse("nobody")
    person = person_of(row, now)
    _check_open(row)
    _check_second_factor(row, trusted, vouched)
    # An address alone opens no account of somebody who may change things.
    if trusted.subject is SubjectKind.EMAIL and any(map(is_privileged, person.roles)):
        raise refuse("a privileged account, by its address alone")
    return person


def methods(trusted: Trusted, vouched: Vouched) -> tuple[str, ...]:
    """Return what was proved (RFC 8176): somebody else's word, and a second factor if they may."""
    return (*FEDERATED, _SECOND_FACTOR) if _proves_more(trusted, vouched) else FEDERATED


def _by_email(view: Transaction, tenant_id: str, vouched: Vouched) -> dict[str, Any] | None:
    if vouched.claims.get("email_verified") is not True:
        raise refuse("the address is not verified there")
    try:
        address = parse_email(str(vouched.claims.get("email", "")))
    except InvalidEmail as error:
        raise refuse(f"email: {error}") from error
    if address.domain not in domains.proved(view, tenant_id):
        raise refuse("the domain is not proved to be the tenant's")
    wanted = {"of_tenant": tenant_id, "email": address.canonical}
    row = view.row(statements.PERSON_BY_EMAIL, wanted)
    return row if row and row["email_verified"] else None


def _by_identity(
    view: Transaction, tenant_id: str, trusted: Trusted, *, subject: str
) -> dict[str, Any] | None:
    connection = connections.find(view, trusted.connection_id or "")
    if connection is None or not connection.enabled:
        raise refuse("the connection is switched off")
    if not connections.admits(view, tenant_id, connection):
        raise refuse("the tenant does not allow the connection")
    wanted = {
        "of_tenant": tenant_id,
        "connection_id": connection.id,
        "issuer": trusted.issuer,
        "subject": subject,
    }
    return view.row(statements.PERSON_BY_IDENTITY, wanted)


def _check_open(row: dict[str, Any]) -> None:
    closed = row["disabled_at"] or row["suspended_at"] or row["home_user_id"]
    if closed or row["password_change_required"]:
        raise refuse("disabled, suspended, a guest, or a new password is due")


def _check_second_factor(row: dict[str, Any], trusted: Trusted, vouched: Vouched) -> None:
    """Refuse where a sign-in by a provider would ask for a second factor: here nobody can ask."""
    due = is_due(has_factor=row["has_factor"], mandatory=row["mandatory"], asked=False)
    if due and not _proves_more(trusted, vouched):
        raise refuse("a second factor is due")


def _proves_more(trusted: Trusted, vouched: Vouched) -> bool:
    amr = vouched.claims.get("amr")
    return trusted.trusts_amr and isinstance(amr, list) and _SECOND_FACTOR in amr
