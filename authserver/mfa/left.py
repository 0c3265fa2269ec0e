"""How many second factors a person has, of whatever kinds, and whether one is demanded."""

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot
from authserver.core.database.engine import Transaction
from authserver.mfa import authenticators
from authserver.passkeys import credentials
from authserver.tenants.models import Tenant


def factors_left(
    transaction: Transaction, user: UserSnapshot, *, without: str | None = None
) -> int:
    """Return how many factors a person has that count; `without` is one that is to go.

    Backup codes are none: they stand in for a factor that is not at hand.
    """
    apps = authenticators.all_of(transaction, user)
    passkeys = credentials.ours_of(transaction, user)
    return sum(one != without for one in (*apps, *passkeys))


def is_mandatory(transaction: Transaction, user: UserSnapshot) -> bool:
    """Tell whether the person's tenant demands a second factor."""
    return transaction.tenant(user.tenant_id).scalars(select(Tenant.mfa_required)).one()
