"""An account at the moment of a decision, its row locked; and what ends everything of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Label, select, update

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.policy import Standing
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound, Refused
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import Tightened


@dataclass(frozen=True)
class Account:
    """What decisions need of an account and its tenant.

    `tightened` are the numbers of the tenant's own, `also` is what the caller wanted to know
    besides, by the names of its columns.
    """

    user: UserSnapshot
    suspended: bool
    disabled: bool
    has_password: bool
    reset_required: bool
    change_required: bool
    password_expires_at: datetime | None
    tenant_epoch: int
    tightened: Tightened | None
    also: Mapping[str, Any] = field(default_factory=dict)

    def has_moved_on(self, epoch: int) -> bool:
        """Tell whether nothing can be done with what was read at an epoch."""
        return self.suspended or self.disabled or self.user.security_epoch != epoch

    def standing(self, epoch: int, *, locked: bool, now: datetime) -> Standing:
        """Return what is judged; `epoch` is the one at which the password was read."""
        return Standing(
            suspended=self.suspended,
            disabled=self.disabled,
            changed=self.user.security_epoch != epoch,
            has_password=self.has_password,
            locked=locked,
            reset_required=self.reset_required,
            password_over=self.password_expires_at is not None and self.password_expires_at <= now,
        )


def lock_account(
    transaction: Transaction,
    tenant_id: str,
    user_id: str,
    *,
    also: Sequence[Label[Any]] = (),
) -> Account | None:
    """Return the account as it is now.

    PostgreSQL holds the row until the end of the transaction, SQLite the whole database: the
    counters that are read next are the newest. `also` are labelled columns about `User` and
    `Tenant`, and may be older than the row where that was waited for: they count only together
    with the epochs, which move with what they tell.
    """
    wanted = (
        select(User, Tenant.suspended_at, Tenant.security_epoch, Tenant.tightened, *also)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(User.id == user_id)
        .with_for_update(of=User)
    )
    row = transaction.tenant(tenant_id).execute(wanted).first()
    if row is None:
        return None
    user, suspended_at, tenant_epoch, tightened, *more = row
    return Account(
        user=snapshot(user),
        suspended=suspended_at is not None,
        disabled=user.disabled_at is not None,
        has_password=user.password_hash is not None,
        reset_required=user.password_reset_required,
        change_required=user.password_change_required,
        password_expires_at=user.password_expires_at,
        tenant_epoch=tenant_epoch,
        tightened=tightened,
        also=dict(zip((column.name for column in also), more, strict=True)),
    )


def hold_open(transaction: Transaction, user: UserSnapshot) -> UserSnapshot:
    """Hold the account of somebody who is signed in, for a change of their own.

    Raises Refused where it was closed, or everything of it ended, since it was read.
    """
    account = lock_account(transaction, user.tenant_id, user.id)
    if account is None or account.has_moved_on(user.security_epoch):
        raise Refused("Please sign in again.", detail="closed or changed since it was read")
    return account.user


def held(transaction: Transaction, tenant_id: str, user_id: str) -> User:
    """Return the row of an account as it is now, held for a change. Raises NotFound.

    An epoch that moves at the same moment counts as well: one that was read before and written
    after it would bring to life what the other had ended.
    """
    wanted = (
        select(User)
        .where(User.id == user_id, User.erased_at.is_(None))
        .with_for_update(of=User)
        .execution_options(populate_existing=True)
    )
    user = transaction.tenant(tenant_id).scalar(wanted)
    if user is None:
        raise NotFound("There is no such account.", detail=f"{user_id} in {tenant_id}")
    return user


def touch(transaction: Transaction, tenant_id: str, user_id: str) -> None:
    """Count a change of what administrators see of an account, beside its row."""
    held(transaction, tenant_id, user_id).version += 1
    transaction.tenant(tenant_id).flush()


def move_on(transaction: Transaction, user: UserSnapshot) -> UserSnapshot:
    """End the person's sessions and tokens; return the account with its new epoch."""
    mine = (
        update(User)
        .where(User.id == user.id)
        .values(security_epoch=User.security_epoch + 1)
        .returning(User.security_epoch)
        .execution_options(synchronize_session=False)
    )
    epoch = transaction.tenant(user.tenant_id).scalars(mine).one()
    return replace(user, security_epoch=epoch)
