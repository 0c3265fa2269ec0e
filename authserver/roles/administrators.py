"""Who administers a tenant: whom the server tells what administrators have to know."""

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.roles import policy
from authserver.roles.models import RoleAssignment

_MOST = 20


def administrators_of(transaction: Transaction, tenant_id: str) -> list[UserSnapshot]:
    """Return the tenant's administrators who can sign in, the first ones of very many."""
    holders = select(RoleAssignment.user_id).where(RoleAssignment.role.in_(policy.ADMINISTRATORS))
    wanted = select(User).where(User.id.in_(holders), User.disabled_at.is_(None))
    found = transaction.tenant(tenant_id).scalars(wanted.order_by(User.id).limit(_MOST))
    return [snapshot(user) for user in found]
