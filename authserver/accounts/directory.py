"""Whose account a sign-in means. A named platform service: it may look into every tenant.

Suspended tenants and disabled accounts are found like others; they are refused later, with the
answer that everybody gets.
"""

from dataclasses import dataclass

from sqlalchemy import select

from authserver.accounts.models import User
from authserver.accounts.statements import MEANT, SNAPSHOT_COLUMNS
from authserver.core.database.engine import Transaction
from authserver.core.database.prepared import Row
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

    def serves(self, tenant_id: str) -> bool:
        """Tell whether a tenant's people are among them."""
        return self.tenants is None or tenant_id in self.tenants


@dataclass(frozen=True)
class UserSnapshot:
    """An account as it was when read."""

    id: str
    tenant_id: str
    email: str
    name: str
    locale: str | None
    security_epoch: int
    home_user_id: str | None = None
    picture_id: str | None = None


@dataclass(frozen=True)
class Candidate:
    """The account that a sign-in means, and the hash to verify against.

    People sign in through their home account: `guest` is the account that the address led by.
    """

    user: UserSnapshot
    password_hash: str | None
    guest: UserSnapshot | None = None


@dataclass(frozen=True)
class Guest:
    """A guest account that can be used now; slug and `mfa_required` are of its tenant."""

    user: UserSnapshot
    slug: str
    mfa_required: bool

    @property
    def tenant_id(self) -> str:
        """Return the account's tenant."""
        return self.user.tenant_id


def find(
    transaction: Transaction, audience: Audience, *, organization: str | None, email: str
) -> Candidate | None:
    """Return the account: in the organisation (a slug) if one is named, else the oldest verified.

    The address of a guest account that can be used leads to its home account; an account that has
    the address as its own comes first. One statement, whatever is asked.
    """
    rows = transaction.rows(MEANT, _around(audience, organization, email))
    row = next((row for row in rows if audience.serves(row["meant_tenant_id"])), None)
    if row is None:
        return None
    guest = snapshot_of(row, "meant_") if row["meant_home_user_id"] else None
    return Candidate(snapshot_of(row), row["password_hash"], guest)


def guests_of(transaction: Transaction, user_id: str) -> list[Guest]:
    """Return the guest accounts of a person, by the id of their home account.

    Where they cannot be used, because they or their tenant are switched off, they are left out.
    """
    wanted = (
        select(User, Tenant.slug, Tenant.mfa_required)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(
            User.home_user_id == user_id, User.disabled_at.is_(None), Tenant.suspended_at.is_(None)
        )
        .order_by(Tenant.name, User.id)
    )
    found = transaction.platform().execute(wanted)
    return [Guest(snapshot(user), slug, mfa_required) for user, slug, mfa_required in found]


def home_of(transaction: Transaction, home_user_id: str) -> UserSnapshot | None:
    """Return the home account of a guest, by its id."""
    home = transaction.platform().scalar(select(User).where(User.id == home_user_id))
    return snapshot(home) if home else None


def snapshot(user: User) -> UserSnapshot:
    """Return the frozen form of a row."""
    return UserSnapshot(**{name: getattr(user, name) for name in SNAPSHOT_COLUMNS})


def snapshot_of(row: Row, prefix: str = "") -> UserSnapshot:
    """Return the frozen form of a row of a statement with SNAPSHOT_COLUMNS."""
    return UserSnapshot(**{name: row[f"{prefix}{name}"] for name in SNAPSHOT_COLUMNS})


def _around(audience: Audience, organization: str | None, email: str) -> dict[str, object]:
    """Return where to look: without one tenant or an organisation, among proved addresses only."""
    alone = audience.tenants[0] if audience.tenants and len(audience.tenants) == 1 else None
    return {
        "email": _canonical(email),
        "anywhere": alone is None,
        "tenant_id": alone or "",
        "any_slug": not organization,
        "slug": _slug(organization) if organization else "",
        "unproved": bool(alone or organization),
    }


def _canonical(email: str) -> str:
    try:
        return parse_email(email.strip()).canonical
    except InvalidEmail:
        return _NOBODY


def _slug(organization: str) -> str:
    # PostgreSQL refuses a NUL in a parameter; no tenant is called like that.
    return organization.strip().lower() if organization.isprintable() else _NOBODY
