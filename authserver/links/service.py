"""Links are issued, looked at, and claimed once.

Only the SHA-256 of a token is stored, with its purpose in it. The URL begins with an issuer of the
settings, never with what a request says of its host (TOP-11). A named platform service: a token
names its tenant.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.passwords.policy import About, Rules, rules_of
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import Problem
from authserver.links.models import MailedLink
from authserver.links.policy import ONE_AT_A_TIME, PATHS, Present, Purpose, Terms, is_good
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import Numbers, Tightened
from authserver.tenants.resolve import home_issuer


class LinkClosed(Problem):
    """The link is unknown, used, expired or of elsewhere: all the same from outside."""

    code = "link_closed"
    title = "This link is no longer valid"


@dataclass(frozen=True)
class Account:
    """An account as it is now, for what a mailed link may do to it.

    `new_email` is what the link at hand promises, if it promises an address.
    """

    user: UserSnapshot
    address: str
    disabled: bool
    suspended: bool
    verified: bool
    guest: bool
    tenant_name: str
    tenant_slug: str
    password_preset: str
    mfa_required: bool
    tightened: Tightened | None
    new_email: str | None = None

    @property
    def usable(self) -> bool:
        """Tell whether somebody may sign in with it: only then a link does anything."""
        return not (self.disabled or self.suspended or self.guest)

    @property
    def rules(self) -> Rules:
        """Return what a new password needs."""
        return rules_of(self.password_preset, mfa_mandatory=self.mfa_required)

    @property
    def about(self) -> About:
        """Return what a new password must not be."""
        return About(self.user.email, self.user.name, self.tenant_slug, self.tenant_name)


@dataclass(frozen=True)
class Issued:
    """A new link: its secret token, the URL for the mail, and when it ends."""

    token: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class OpenChange:
    """An address that an account gets once its link is used, and until when that is possible."""

    email: str
    expires_at: datetime


class Links:
    """Issues and claims. Whoever claims does what the link is for, in the same transaction."""

    def __init__(self, platform_url: str, *, numbers: Numbers, clock: Clock) -> None:
        """Take the platform's issuer, what says how long a link lives, and the time."""
        self._platform_url = platform_url
        self._numbers = numbers
        self._clock = clock

    def issue(
        self,
        transaction: Transaction,
        account: Account,
        purpose: Purpose,
        *,
        issuer: str,
        new_email: str | None = None,
        device: str | None = None,
    ) -> Issued:
        """Store a link for the account's present address and version, and return it.

        `device` is the browser that asked for it, if the account knows it.
        """
        user, now = account.user, self._clock.now()
        if purpose in ONE_AT_A_TIME:
            self.close(transaction, user, [purpose])
        token = new_secret()
        row = MailedLink(
            id=new_id("lnk"),
            user_id=user.id,
            purpose=purpose.value,
            issuer=issuer,
            token_hash=fingerprint(token, _hashed_as(purpose)),
            address=account.address,
            new_email=new_email,
            device=device,
            user_epoch=user.security_epoch,
            created_at=now,
            expires_at=now + self._numbers.of(account.tightened).link_life,
        )
        transaction.tenant(user.tenant_id).add(row)
        return Issued(token, f"{issuer}{PATHS[purpose]}?token={token}", row.expires_at)

    def issued_since(
        self,
        transaction: Transaction,
        tenant_id: str,
        user_id: str,
        *,
        since: datetime,
        purpose: Purpose = Purpose.RESET_PASSWORD,
    ) -> int:
        """Return how many links for a purpose the account got after a moment."""
        wanted = select(func.count(MailedLink.id)).where(
            MailedLink.user_id == user_id,
            MailedLink.purpose == purpose.value,
            MailedLink.created_at > since,
        )
        return transaction.tenant(tenant_id).scalar(wanted) or 0

    def open_change(
        self, transaction: Transaction, tenant_id: str, user_id: str
    ) -> OpenChange | None:
        """Return the change of address that waits for its link to be used."""
        wanted = (
            select(MailedLink.new_email, MailedLink.expires_at)
            .join(User, User.id == MailedLink.user_id)
            .where(
                MailedLink.user_id == user_id,
                MailedLink.purpose == Purpose.CHANGE_EMAIL.value,
                MailedLink.user_epoch == User.security_epoch,
                _open(self._clock.now()),
            )
        )
        row = transaction.tenant(tenant_id).execute(wanted).first()
        return OpenChange(row.new_email or "", row.expires_at) if row else None

    def look(
        self, transaction: Transaction, token: str, purpose: Purpose, *, issuer: str
    ) -> Account:
        """Return whose link it is. Changes nothing: scanners follow links. Raises LinkClosed."""
        _, account = self._good(transaction, token, purpose, issuer=issuer, lock=False)
        return account

    def claim(
        self, transaction: Transaction, token: str, purpose: Purpose, *, issuer: str
    ) -> Account:
        """Use the link up, and close the account's others of its purpose. Raises LinkClosed.

        The account's row stays locked until the end of the transaction.
        """
        link_id, account = self._good(transaction, token, purpose, issuer=issuer, lock=True)
        now = self._clock.now()
        claimed = (
            update(MailedLink)
            .where(MailedLink.id == link_id, _open(now))
            .values(used_at=now)
            .returning(MailedLink.id)
            .execution_options(synchronize_session=False)
        )
        if transaction.tenant(account.user.tenant_id).execute(claimed).first() is None:
            raise LinkClosed(detail="used at the same moment")
        self.close(transaction, account.user, [purpose])
        return account

    def close(
        self, transaction: Transaction, user: UserSnapshot, purposes: Iterable[Purpose]
    ) -> None:
        """End every open link of the account for these purposes."""
        now = self._clock.now()
        closed = update(MailedLink).where(
            MailedLink.user_id == user.id,
            MailedLink.purpose.in_([purpose.value for purpose in purposes]),
            _open(now),
        )
        transaction.tenant(user.tenant_id).execute(
            closed.values(expires_at=now).execution_options(synchronize_session=False)
        )

    def issuer_of(self, transaction: Transaction, tenant_id: str) -> str:
        """Return where a tenant's people go when no request says it: its own issuer if it has one.

        Raises LookupError where there is no such tenant.
        """
        tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id)
        if tenant is None:
            raise LookupError(tenant_id)
        return home_issuer(self._platform_url, tenant)

    def _good(
        self, transaction: Transaction, token: str, purpose: Purpose, *, issuer: str, lock: bool
    ) -> tuple[str, Account]:
        hashed = fingerprint(token, _hashed_as(purpose))
        wanted = select(MailedLink).where(MailedLink.token_hash == hashed)
        row = transaction.platform().scalar(wanted)
        if row is None:
            raise LinkClosed(detail="unknown")
        account = account_now(transaction, row.tenant_id, row.user_id, lock=lock)
        if account is None or not is_good(_terms(row), self._present(account, issuer)):
            raise LinkClosed(detail="used, expired, closed, of another issuer or of another time")
        return row.id, replace(account, new_email=row.new_email)

    def _present(self, account: Account, issuer: str) -> Present:
        return Present(
            issuer=issuer,
            address=account.address,
            user_epoch=account.user.security_epoch,
            now=self._clock.now(),
            closed=not account.usable,
        )


def account_now(
    transaction: Transaction, tenant_id: str, user_id: str, *, lock: bool = True
) -> Account | None:
    """Return the account as it is now. Locked, nobody else changes it until the job is done."""
    wanted = (
        select(User, Tenant)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(User.id == user_id)
        .execution_options(populate_existing=True)
    )
    if lock:
        wanted = wanted.with_for_update(of=User)
    row = transaction.tenant(tenant_id).execute(wanted).first()
    if row is None:
        return None
    user, tenant = row
    return Account(
        user=snapshot(user),
        address=user.email_canonical,
        disabled=user.disabled_at is not None,
        suspended=tenant.suspended_at is not None,
        verified=user.email_verified,
        guest=user.home_user_id is not None,
        tenant_name=tenant.name,
        tenant_slug=tenant.slug,
        password_preset=tenant.password_preset,
        mfa_required=tenant.mfa_required,
        tightened=tenant.tightened,
    )


def _open(now: datetime) -> ColumnElement[bool]:
    return MailedLink.used_at.is_(None) & (MailedLink.expires_at > now)


def _terms(row: MailedLink) -> Terms:
    return Terms(
        issuer=row.issuer,
        address=row.address,
        user_epoch=row.user_epoch,
        expires_at=row.expires_at,
        used=row.used_at is not None,
    )


def _hashed_as(purpose: Purpose) -> str:
    return f"mailed_link:{purpose.value}"
