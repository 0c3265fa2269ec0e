"""The present password of an account, and what a new one in its place needs."""

from dataclasses import dataclass

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.passwords.policy import About, Rules, Weakness, rules_of
from authserver.accounts.passwords.strength import WEAKEST, Strength
from authserver.accounts.passwords.words import reason
from authserver.accounts.service import WeakPassword
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.tenants.models import Tenant


@dataclass(frozen=True)
class Present:
    """What the account was when it was read."""

    user: UserSnapshot
    password_hash: str | None
    rules: Rules
    about: About


def read(transaction: Transaction, tenant_id: str, user_id: str) -> Present:
    """Return what there is. Raises NotFound."""
    wanted = (
        select(User, Tenant).join(Tenant, Tenant.id == User.tenant_id).where(User.id == user_id)
    )
    row = transaction.tenant(tenant_id).execute(wanted).first()
    if row is None:
        raise NotFound("There is no such account.", detail=user_id)
    user, tenant = row
    return Present(
        user=snapshot(user),
        password_hash=user.password_hash,
        rules=rules_of(tenant.password_preset, mfa_mandatory=tenant.mfa_required),
        about=About(user.email, user.name, tenant.slug, tenant.name),
    )


def unchanged(rules: Rules) -> WeakPassword:
    """Return the refusal of a new password that is the present one."""
    weakness = Weakness.UNCHANGED
    return WeakPassword(Strength(WEAKEST, (weakness,), (reason(weakness, rules),)))
