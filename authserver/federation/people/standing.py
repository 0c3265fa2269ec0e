"""An account at the moment of the decision, its row locked, and what its tenant allows now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Label, select, update

from authserver.accounts.models import User
from authserver.accounts.standing import Account, lock_account
from authserver.core.database.engine import Transaction
from authserver.federation.models import FederatedIdentity
from authserver.federation.people.finding import Namesake, Owner, Question
from authserver.federation.policy import House, Local, creates
from authserver.federation.values import Connection, Identity
from authserver.links.newcomers import tenant_now
from authserver.registration.service import openness_of
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import is_privileged
from authserver.tenants import domains

_VERIFIED, _ADDRESS = User.email_verified.label("verified"), User.email_canonical.label("address")


@dataclass(frozen=True)
class Held:
    """An account whose row is held until the end of the transaction, and what is judged of it."""

    account: Account
    local: Local
    address: str

    @property
    def closed(self) -> str | None:
        """Return why nobody may sign in with it, for the trail."""
        reasons = (
            (self.account.disabled, "disabled"),
            (self.account.suspended, "suspended"),
            (self.local.guest, "guest"),
        )
        return next((reason for applies, reason in reasons if applies), None)


def hold(
    transaction: Transaction,
    whose: Owner | Namesake,
    connection: Connection,
    *,
    also: Sequence[Label[Any]],
) -> Held | None:
    """Return the account as it is now; None where it is gone. `also` as in `lock_account`."""
    account = lock_account(
        transaction, whose.tenant_id, whose.user_id, also=(*also, _VERIFIED, _ADDRESS)
    )
    if account is None:
        return None
    local = Local(
        open=not (account.disabled or account.suspended),
        verified=account.also["verified"],
        privileged=_is_privileged(transaction, whose),
        linked=_is_linked(transaction, whose, connection),
        guest=account.user.home_user_id is not None,
    )
    return Held(account, local, account.also["address"])


def used(transaction: Transaction, owner: Owner, identity: Identity, *, now: datetime) -> bool:
    """Note that an identity signs in now; False where it was unlinked meanwhile.

    For whoever holds the account: an end of the link that came before shows here.
    """
    mine = (
        update(FederatedIdentity)
        .where(
            FederatedIdentity.id == owner.identity_id, FederatedIdentity.user_id == owner.user_id
        )
        .values(label=identity.shown, last_used_at=now)
        .returning(FederatedIdentity.id)
        .execution_options(synchronize_session=False)
    )
    return transaction.tenant(owner.tenant_id).scalar(mine) is not None


def house(
    transaction: Transaction, tenant_id: str, asked: Question, *, registers: str | None
) -> House:
    """Return what a tenant allows now. `registers`: where strangers may get an account here."""
    tenant = tenant_now(transaction, tenant_id)
    proved, openness = domains.proved(transaction, tenant_id), openness_of(tenant)
    open_to = openness.domains if openness.allowed and registers == tenant_id else None
    makes = creates(asked.connection, asked.identity, registers=open_to, domains=proved)
    return House(
        links_by_email=tenant.links_by_email,
        creates=makes and not openness.suspended,
        domains=proved,
    )


def _is_privileged(transaction: Transaction, whose: Owner | Namesake) -> bool:
    held = select(RoleAssignment.role).where(RoleAssignment.user_id == whose.user_id)
    return any(map(is_privileged, transaction.tenant(whose.tenant_id).scalars(held)))


def _is_linked(transaction: Transaction, whose: Owner | Namesake, connection: Connection) -> bool:
    rows = FederatedIdentity
    wanted = select(rows.id).where(
        rows.user_id == whose.user_id, rows.connection_id == connection.id
    )
    return transaction.tenant(whose.tenant_id).scalar(wanted) is not None
