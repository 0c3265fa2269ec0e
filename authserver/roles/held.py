"""What somebody holds, in one text: the form in which hot statements read it.

A role that ends carries its end. It is judged where it is read: so the statements need no time, and
whatever is made of the roles can end when the first of them does.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from authserver.core.database.moments import microseconds_of
from authserver.roles.models import RoleAssignment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Names of roles have neither.
_BETWEEN, _ENDS = " ", "@"


class Held(NamedTuple):
    """The roles that somebody holds now, sorted, and when the first of them ends."""

    roles: tuple[str, ...]
    until: datetime | None = None


def held_roles(
    tenant_id: InstrumentedAttribute[str],
    user_id: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> ColumnElement[Any]:
    """Return the text of everything that somebody was given; the order is the reader's."""
    end = literal_column(f"'{_ENDS}'").op("||")(microseconds_of(RoleAssignment.until))
    given = RoleAssignment.role.op("||")(func.coalesce(end, literal_column("''")))
    separator = cast("str", literal_column(f"'{_BETWEEN}'"))
    return (
        select(func.aggregate_strings(given, separator))
        .where(RoleAssignment.tenant_id == tenant_id, RoleAssignment.user_id == user_id)
        .correlate_except(RoleAssignment)
        .scalar_subquery()
    )


def read(text: str | None, now: datetime) -> Held:
    """Return what of it is held now."""
    given = (text or "").split()
    if not text or _ENDS not in text:
        return Held(tuple(sorted(given)))
    roles, ends = [], []
    for each in given:
        role, _, end = each.partition(_ENDS)
        until = _EPOCH + timedelta(microseconds=int(end)) if end else None
        if until is None or now < until:
            roles.append(role)
            ends += [until] if until else []
    return Held(tuple(sorted(roles)), min(ends, default=None))
