"""Pages of lists: by keyset, with a cursor that is signed and good for one list of one caller.

A cursor says where the last page ended. It is signed so that nobody asks for a place they were not
shown, and bound to list, filters and caller.
"""

import hmac
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar

import orjson
from pydantic import Field
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from authserver.admin.rest.operation import Call, Given, Shown
from authserver.core.database.tenancy import PlatformSession
from authserver.core.problems import Problem
from authserver.core.values.base64url import base64url

T = TypeVar("T", bound=Shown)
Column = InstrumentedAttribute[Any]

MOST = 100
USUAL = 50
_TAG = 16


class BadCursor(Problem):
    """The cursor was not made by this list."""

    code = "bad_cursor"
    title = "The cursor is not one of this list"


class PageQuery(Given):
    """What every list takes. Numbers come as text in a query."""

    limit: Annotated[int, Field(ge=1, le=MOST, strict=False)] = USUAL
    cursor: Annotated[str | None, Field(max_length=1024)] = None


class Page(Shown, Generic[T]):
    """A page of a list; `next_cursor` is null at the end."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Rows:
    """What a list shows: the query, where it is asked, and the list's name.

    `backwards`: what is last in the order comes first, for lists whose end people look at.
    """

    session: PlatformSession
    wanted: Select[Any]
    name: str
    backwards: bool = False


@dataclass(frozen=True)
class Cursors:
    """Makes and reads cursors. The first key signs; what the others signed is good, too."""

    keys: Sequence[bytes]

    def make(self, place: Sequence[str], *scope: str) -> str:
        """Return the cursor after a place in the list that `scope` names."""
        body = orjson.dumps(list(place))
        return base64url(_tag(self.keys[0], body, scope) + body).decode()

    def page(
        self,
        rows: Rows,
        call: Call,
        *,
        by: Sequence[Column],
        show: Callable[[Any], T],
    ) -> tuple[tuple[T, ...], str | None]:
        """Return a page of what a query finds, in the order of `by`, and the cursor after it.

        `by` are text columns without nulls, together unique: mostly the id alone, which is sorted
        by creation. The cursor is good for this query of this caller.
        """
        query: PageQuery = call.query
        scope = scope_of(rows.name, call)
        order = [column.desc() for column in by] if rows.backwards else by
        wanted = rows.wanted.order_by(*order).limit(query.limit + 1)
        if query.cursor is not None:
            here, last = tuple_(*by), tuple_(*self.read(query.cursor, *scope))
            wanted = wanted.where(here < last if rows.backwards else here > last)
        rows.session.plan_anew()
        found = [*rows.session.scalars(wanted)]
        more, found = len(found) > query.limit, found[: query.limit]
        place = [getattr(found[-1], column.key) for column in by] if more else []
        return tuple(show(row) for row in found), self.make(place, *scope) if more else None

    def read(self, cursor: str, *scope: str) -> list[str]:
        """Return the place. Raises BadCursor."""
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (ValueError, Base64Error) as error:
            raise BadCursor from error
        tag, body = raw[:_TAG], raw[_TAG:]
        if not any(hmac.compare_digest(tag, _tag(key, body, scope)) for key in self.keys):
            raise BadCursor
        place: list[str] = orjson.loads(body)
        return place


def scope_of(name: str, call: Call) -> tuple[str, ...]:
    """Return what a cursor is good for: a list, its filters, and who asks."""
    asked = call.query.model_dump_json(exclude={"limit", "cursor"})
    return name, call.caller.id, *call.path.values(), asked


def _tag(key: bytes, body: bytes, scope: Sequence[str]) -> bytes:
    bound = orjson.dumps(list(scope))
    return hmac.digest(key, bound + b"\0" + body, sha256)[:_TAG]
