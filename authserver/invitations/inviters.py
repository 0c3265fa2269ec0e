"""Who invited, as they are now."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.invitations.policy import Inviter
from authserver.roles.service import RoleService


@dataclass(frozen=True)
class Found:
    """An inviter, and how they are called."""

    inviter: Inviter
    name: str


def inviter_now(
    transaction: Transaction, tenant_id: str, user_id: str, *, roles: RoleService
) -> Found:
    """Return an account of the tenant with what it may do now. Raises NotFound.

    Of a guest, the home account must be enabled, too.
    """
    home = aliased(User)
    wanted = (
        select(User, home.disabled_at)
        .outerjoin(home, home.id == User.home_user_id)
        .where(User.tenant_id == tenant_id, User.id == user_id)
        .execution_options(populate_existing=True)
    )
    row = transaction.platform().execute(wanted).first()
    if row is None:
        raise NotFound("There is no such account.", detail=f"{user_id} in {tenant_id}")
    user, home_disabled_at = row
    permissions = roles.permissions_of(transaction, tenant_id, user_id)
    enabled = user.disabled_at is None and home_disabled_at is None
    return Found(Inviter(user_id, enabled, permissions), user.name)
