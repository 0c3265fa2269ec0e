"""Whose account a sign-in means. A named platform service: it may look into every tenant.

Suspended tenants and disabled accounts are found like others; they are refused later, with the
answer that everybody gets.
"""

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.tenants.models import Tenant

# No account has it: a refused spelling is looked up like any other.
_NOBODY = "@"


@dataclass(frozen=True)
class Audience:
    """Whom a client serves: the people of these tenants, or of all (None).

    `owner` is the client's tenant; attempts that mean no account stand in its trail.
    """

    owner: str
    tenants: tuple[str, ...] | None


@dataclass(frozen=True)
class UserSnapshot:
    """An account as it was when read."""

    id: str
    tenant_id: str
    email: str
    name: str
    locale: str | None
    security_epoch: int
    picture_id: str | None = None


@dataclass(frozen=True)
class Candidate:
    """The account that a sign-in means, and the hash to verify against."""

    user: UserSnapshot
    password_hash: str | None


def find(
    transaction: Transaction, audience: Audience, *, organization: str | None, email: str
) -> Candidate | None:
    """Return the account: in the organisation (a slug) if one is named, else the oldest verified.

    Guest accounts are never meant: people sign in through their home account. One statement,
    whatever is asked.
    """
    wanted = _meant(_at_home(email), audience, organization)
    user = transaction.platform().scalar(wanted)
    return Candidate(snapshot(user), user.password_hash) if user else None


def guests_of(transaction: Transaction, user_id: str) -> list[UserSnapshot]:
    """Return the guest accounts of a person, by the id of their home account.

    Where they cannot be used, because they or their tenant are switched off, they are left out.
    """
    wanted = (
        select(User)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(
            User.home_user_id == user_id, User.disabled_at.is_(None), Tenant.suspended_at.is_(None)
        )
        .order_by(Tenant.name, User.id)
    )
    return [snapshot(user) for user in transaction.platform().scalars(wanted)]


def find_home(
    transaction: Transaction, audience: Audience, *, organization: str | None, email: str
) -> UserSnapshot | None:
    """Return the account whose password opens what `find` looks for: of a guest, the home account.

    Two statements, whatever is asked.
    """
    own = find(transaction, audience, organization=organization, email=email)
    home = transaction.platform().scalar(_meant(_home_of_guest(email), audience, organization))
    guest = snapshot(home) if home else None
    return own.user if own else guest


def snapshot(user: User) -> UserSnapshot:
    """Return the frozen form of a row."""
    return UserSnapshot(
        id=user.id,
        tenant_id=user.tenant_id,
        email=user.email,
        name=user.name,
        locale=user.locale,
        security_epoch=user.security_epoch,
        picture_id=user.picture_id,
    )


def _at_home(email: str) -> Select[User]:
    return (
        select(User)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(User.email_canonical == _canonical(email), User.home_user_id.is_(None))
        .order_by(User.created_at, User.id)
        .limit(1)
    )


def _home_of_guest(email: str) -> Select[User]:
    home = aliased(User)
    return (
        select(home)
        .join(User, User.home_user_id == home.id)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(
            User.email_canonical == _canonical(email),
            User.disabled_at.is_(None),
            home.home_user_id.is_(None),
        )
        .order_by(User.created_at, User.id)
        .limit(1)
    )


def _meant(wanted: Select[User], audience: Audience, organization: str | None) -> Select[User]:
    """Keep whom the audience and the organisation allow; without either, only proved addresses."""
    if audience.tenants is not None:
        wanted = wanted.where(User.tenant_id.in_(audience.tenants))
    if organization:
        return wanted.where(Tenant.slug == _slug(organization))
    if audience.tenants is None or len(audience.tenants) > 1:
        return wanted.where(User.email_verified)
    return wanted


def _canonical(email: str) -> str:
    try:
        return parse_email(email.strip()).canonical
    except InvalidEmail:
        return _NOBODY


def _slug(organization: str) -> str:
    # PostgreSQL refuses a NUL in a parameter; no tenant is called like that.
    return organization.strip().lower() if organization.isprintable() else _NOBODY
