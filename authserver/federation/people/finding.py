"""Which account an identity means. A named platform service: it may look into every tenant.

As a password does (accounts/directory.py): in the organisation if one is named, the client's own
tenant before others, then the oldest. What is closed is found like everything else, and refused
later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy import select

from authserver.accounts import directory
from authserver.accounts.directory import Audience, UserSnapshot
from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.federation import connections
from authserver.federation.models import FederatedIdentity
from authserver.federation.values import Connection, Identity
from authserver.tenants.models import Tenant

_NO_SLUG = "@"


@dataclass(frozen=True)
class Question:
    """Who somebody is by a connection, and for whom the sign-in may be.

    `organization` is the slug that is named, if one is.
    """

    connection: Connection
    identity: Identity
    audience: Audience
    organization: str | None

    @classmethod
    def of(
        cls,
        connection: Connection,
        identity: Identity,
        audience: Audience,
        *,
        organization: str | None,
    ) -> Self:
        """Return the question; `organization` is as somebody sent it, or nothing."""
        if not organization:
            return cls(connection, identity, audience, None)
        # PostgreSQL refuses a NUL in a parameter; no tenant is called like that.
        slug = organization.strip().lower() if organization.isprintable() else _NO_SLUG
        return cls(connection, identity, audience, slug)

    def fits(self, tenant_id: str, slug: str) -> bool:
        """Tell whether the sign-in may be for an account of that tenant."""
        named = self.organization is None or self.organization == slug
        return named and self.audience.serves(tenant_id)


@dataclass(frozen=True)
class Owner:
    """The account that an identity is linked to; `guest` is whom it is for, if not at home."""

    identity_id: str
    tenant_id: str
    user_id: str
    guest: UserSnapshot | None = None


@dataclass(frozen=True)
class Namesake:
    """An account that has the provider's address."""

    tenant_id: str
    user_id: str


def owner(transaction: Transaction, asked: Question) -> Owner | None:
    """Return whose identity it is, by connection, issuer and subject; nothing else tells.

    People sign in with the home account, also where the sign-in is for a guest account of theirs.
    """
    rows = FederatedIdentity
    wanted = (
        select(rows.id, rows.tenant_id, rows.user_id, Tenant.slug)
        .join(Tenant, Tenant.id == rows.tenant_id)
        .where(
            rows.connection_id == asked.connection.id,
            rows.issuer == asked.identity.issuer,
            rows.subject == asked.identity.subject,
        )
        .order_by(rows.tenant_id != asked.audience.owner, rows.created_at, rows.id)
    )
    found = [
        (Owner(row.id, row.tenant_id, row.user_id), row.slug)
        for row in transaction.platform().execute(wanted).all()
        if connections.admits(transaction, row.tenant_id, asked.connection)
    ]
    at_home = (one for one, slug in found if asked.fits(one.tenant_id, slug))
    return next(at_home, None) or _elsewhere(transaction, asked, [one for one, _ in found])


def account_of(transaction: Transaction, identity_id: str) -> UserSnapshot | None:
    """Return the account that a link belongs to, in whichever tenant: for operators."""
    mine = (User.tenant_id == FederatedIdentity.tenant_id) & (User.id == FederatedIdentity.user_id)
    wanted = select(User).join(FederatedIdentity, mine).where(FederatedIdentity.id == identity_id)
    row = transaction.platform().scalar(wanted)
    return directory.snapshot(row) if row else None


def _elsewhere(transaction: Transaction, asked: Question, found: Sequence[Owner]) -> Owner | None:
    """Return who has a guest account that the sign-in may be for. Of several, they choose."""
    for one in found:
        guests = [
            guest.user
            for guest in directory.guests_of(transaction, one.user_id)
            if asked.fits(guest.tenant_id, guest.slug)
        ]
        if guests:
            return replace(one, guest=guests[0] if len(guests) == 1 else None)
    return None


def namesake(transaction: Transaction, asked: Question) -> Namesake | None:
    """Return the account with the provider's address.

    In one tenant every account counts, among several only proved addresses: who wrote somebody
    else's into an account elsewhere must not be found instead of its owner.
    """
    if asked.identity.email is None:
        return None
    wanted = (
        select(User.id, User.tenant_id, User.email_verified, Tenant.slug)
        .join(Tenant, Tenant.id == User.tenant_id)
        .where(User.email_canonical == asked.identity.email.canonical)
        .order_by(
            User.home_user_id.is_not(None),
            User.tenant_id != asked.audience.owner,
            User.created_at,
            User.id,
        )
    )
    here = tenant_of(transaction, asked)
    found = (
        Namesake(row.tenant_id, row.id)
        for row in transaction.platform().execute(wanted).all()
        if (row.tenant_id == here or (here is None and row.email_verified))
        and asked.fits(row.tenant_id, row.slug)
        and connections.admits(transaction, row.tenant_id, asked.connection)
    )
    return next(found, None)


def tenant_of(transaction: Transaction, asked: Question) -> str | None:
    """Return the one tenant that a sign-in can be for, if there is only one; None for several.

    That of the connection, of the organisation that is named, or the only one that is served.
    """
    tenants = asked.audience.tenants
    if asked.connection.tenant_id is not None:
        return asked.connection.tenant_id
    if asked.organization is not None:
        wanted = select(Tenant.id).where(Tenant.slug == asked.organization)
        return transaction.platform().scalar(wanted)
    return tenants[0] if tenants is not None and len(tenants) == 1 else None


def is_served(transaction: Transaction, tenant_id: str, asked: Question) -> bool:
    """Tell whether a sign-in may be for a tenant's people, and they may use the connection."""
    slug = transaction.tenant(tenant_id).scalar(select(Tenant.slug))
    served = slug is not None and asked.fits(tenant_id, slug)
    return served and connections.admits(transaction, tenant_id, asked.connection)
