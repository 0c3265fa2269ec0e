"""Which people of a tenant are meant: by the beginning of address or name, by role, by standing."""

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, not_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from authserver.accounts.details.searching import search_key
from authserver.accounts.models import User
from authserver.core.database.engine import Transaction
from authserver.core.database.tenancy import TenantSession
from authserver.core.values.sorting import Sorting
from authserver.roles.lookup import holds_now
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import find_builtin

_LAST = "\U0010ffff"  # behind every continuation of a beginning
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Standing(StrEnum):
    """Whether people may sign in."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class Order(Sorting):
    """What lists of people are sorted by."""

    CREATED = "created"
    NAME = "name"
    EMAIL = "email"
    OLDEST = "-created"
    NAME_DOWN = "-name"
    EMAIL_DOWN = "-email"


@dataclass(frozen=True)
class Wanted:
    """Who is looked for; None is whoever."""

    text: str | None = None
    standing: Standing | None = None
    role: str | None = None
    guest: bool | None = None
    verified: bool | None = None


@dataclass(frozen=True)
class Found:
    """Some people in their order, and the place behind them: None at the end."""

    people: tuple[User, ...]
    place: tuple[str, ...] | None


@dataclass(frozen=True)
class _Stretch:
    """A part of the list: its people are found and sorted by one index."""

    name: str
    conditions: tuple[ColumnElement[bool], ...]
    by: tuple[InstrumentedAttribute[Any], ...]
    down: bool = False

    def query(self, after: Sequence[str] | None) -> Select[User]:
        wanted = select(User).where(*self.conditions)
        if after is not None:
            place = tuple_(*map(_read, self.by, after))
            behind = tuple_(*self.by) < place if self.down else tuple_(*self.by) > place
            wanted = wanted.where(behind)
        return wanted.order_by(*(one.desc() if self.down else one for one in self.by))

    def place(self, user: User) -> tuple[str, ...]:
        return (self.name, *(_written(getattr(user, column.key)) for column in self.by))


def find(
    session: TenantSession,
    wanted: Wanted,
    *,
    order: Order,
    now: datetime,
    most: int,
    after: Sequence[str] | None = None,
) -> Found:
    """Return at most so many people behind a place, in the session of the tenant.

    What is looked for comes by what begins so: the address, then the name, then the last name;
    else the order counts. Each part is a range of an index, however many people there are.
    Raises UnknownRole.
    """
    session.plan_anew()
    stretches = _stretches(wanted, order, now)
    names = [one.name for one in stretches]
    at = names.index(after[0]) if after else 0
    found: list[tuple[_Stretch, User]] = []
    for stretch in stretches[at:]:
        behind = after[1:] if after and stretch.name == after[0] else None
        rows = session.scalars(stretch.query(behind).limit(most + 1 - len(found)))
        found += [(stretch, user) for user in rows]
        if len(found) > most:
            break
    more, found = len(found) > most, found[:most]
    place = found[-1][0].place(found[-1][1]) if more else None
    return Found(tuple(user for _, user in found), place)


def roles_of_each(
    transaction: Transaction, tenant_id: str, user_ids: list[str], *, now: datetime
) -> dict[str, tuple[str, ...]]:
    """Return the roles of several people, each one's sorted."""
    held: dict[str, list[str]] = {user_id: [] for user_id in user_ids}
    if not held:  # PostgreSQL would go through everybody's to find that nobody is meant
        return {}
    rows = select(RoleAssignment.user_id, RoleAssignment.role).where(
        RoleAssignment.user_id.in_(user_ids), holds_now(now)
    )
    for user_id, role in transaction.tenant(tenant_id).execute(rows):
        held[user_id].append(role)
    return {user_id: tuple(sorted(roles)) for user_id, roles in held.items()}


def _stretches(wanted: Wanted, order: Order, now: datetime) -> list[_Stretch]:
    filters = tuple(_filters(wanted, now))
    if not wanted.text or not wanted.text.strip():
        return [_Stretch(order.value, filters, _ORDERS[order.column], down=order.down)]
    key, address = search_key(wanted.text), wanted.text.strip().translate(_ASCII_LOWER)
    stretches: list[_Stretch] = []
    before: list[ColumnElement[bool]] = []
    for column, begin in (
        (User.email_canonical, address),
        (User.name_key, key),
        (User.family_key, key),
    ):
        matches = _begins(column, begin)
        others = tuple(not_(one) for one in before)
        by = (column, User.id)
        stretches.append(_Stretch(column.key, (*filters, matches, *others), by))
        before.append(matches)
    return stretches


_ORDERS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    # Not by the id alone: its own index knows no tenant, and looks as good as that of the tenant's.
    "created": (User.created_at, User.id),
    "name": (User.name_key, User.id),
    "email": (User.email_canonical, User.id),
}


def _filters(wanted: Wanted, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield User.erased_at.is_(None)
    asked = (
        (User.disabled_at.is_(None), _enabled(wanted.standing)),
        (User.home_user_id.is_not(None), wanted.guest),
        (User.email_verified.is_(True), wanted.verified),
    )
    for condition, answer in asked:
        if answer is not None:
            yield condition if answer else not_(condition)
    if wanted.role:
        yield _holds(wanted.role, now)


def _begins(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a sorted text begins so: a range, for an index to answer."""
    return and_(column >= text, column < text + _LAST)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[Any]:
    value = datetime.fromisoformat(text) if column is User.created_at else text
    return literal(value, column.type)


def _holds(role: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition of holding a role: a built-in one, or a tenant's as tokens have it."""
    name = role if "/" in role else find_builtin(role).name
    holders = select(RoleAssignment.user_id).where(RoleAssignment.role == name, holds_now(now))
    return User.id.in_(holders)


def _enabled(standing: Standing | None) -> bool | None:
    return None if standing is None else standing is Standing.ENABLED
