"""Which people of a tenant are meant: by the beginning of address or name, by role, by standing."""

import string
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from authserver.accounts.details.searching import search_key
from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.roles.lookup import holds_now
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import find_builtin

_LAST = "\U0010ffff"  # behind every continuation of a beginning
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Standing(StrEnum):
    """Whether people may sign in."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class Order(StrEnum):
    """What lists of people are sorted by."""

    CREATED = "created"
    NAME = "name"
    EMAIL = "email"


# By these, a place in the list is one person's.
ORDERS: dict[Order, tuple[InstrumentedAttribute[str], ...]] = {
    Order.CREATED: (cast("InstrumentedAttribute[str]", User.place),),
    Order.NAME: (User.name_key, User.id),
    Order.EMAIL: (User.email_canonical,),
}


@dataclass(frozen=True)
class Wanted:
    """Who is looked for; None is whoever."""

    text: str | None = None
    standing: Standing | None = None
    role: str | None = None
    guest: bool | None = None
    verified: bool | None = None


def query_of(wanted: Wanted, now: datetime) -> Select[User]:
    """Return the query, for the session of the tenant. Raises UnknownRole."""
    conditions = [
        _matches(wanted.text) if wanted.text and wanted.text.strip() else None,
        _said(User.disabled_at.is_(None), _enabled(wanted.standing)),
        _said(User.home_user_id.is_not(None), wanted.guest),
        _said(User.email_verified.is_(True), wanted.verified),
        _holds(wanted.role, now) if wanted.role else None,
    ]
    return select(User).where(*(one for one in conditions if one is not None))


def roles_of_each(
    transaction: Transaction, tenant_id: str, user_ids: list[str], *, now: datetime
) -> dict[str, tuple[str, ...]]:
    """Return the roles of several people, each one's sorted."""
    held: dict[str, list[str]] = {user_id: [] for user_id in user_ids}
    rows = select(RoleAssignment.user_id, RoleAssignment.role).where(
        RoleAssignment.user_id.in_(user_ids), holds_now(now)
    )
    for user_id, role in transaction.tenant(tenant_id).execute(rows):
        held[user_id].append(role)
    return {user_id: tuple(sorted(roles)) for user_id, roles in held.items()}


def begins(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a sorted text begins so: a range, for an index to answer."""
    return and_(column >= text, column < text + _LAST)


def _matches(text: str) -> ColumnElement[bool]:
    key, address = search_key(text), text.strip().translate(_ASCII_LOWER)
    return or_(
        begins(User.email_canonical, address),
        begins(User.name_key, key),
        begins(User.family_key, key),
    )


def _holds(role: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition of holding a role: a built-in one, or a tenant's as tokens have it."""
    name = role if "/" in role else find_builtin(role).name
    holders = select(RoleAssignment.user_id).where(RoleAssignment.role == name, holds_now(now))
    return User.id.in_(holders)


def _enabled(standing: Standing | None) -> bool | None:
    return None if standing is None else standing is Standing.ENABLED


def _said(condition: ColumnElement[bool], asked: bool | None) -> ColumnElement[bool] | None:  # noqa: FBT001  None is no answer
    if asked is None:
        return None
    return condition if asked else ~condition
