"""Pages of a list: which one the URL asks for, what it shows, and the whole list as a CSV file."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from flask import request, stream_with_context, url_for
from werkzeug.wrappers import Response

from authserver.admin.console.asking import Asking
from authserver.admin.console.parts.lists import Column, Filter, Head, Listing, Table, table
from authserver.admin.console.parts.values import Cell, cell
from authserver.admin.rest.paging import MOST

SEARCH, CURSOR, SORT = "q", "cursor", "sort"
_OTHER_WAY = {"ascending": "descending", "descending": "ascending"}
_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class FilterView:
    """A filter, with what is chosen."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    chosen: str
    narrow: bool

    @classmethod
    def of(cls, one: Filter, chosen: str) -> "FilterView":
        """Return the view of a filter."""
        return cls(one.name, one.label, tuple(one.choices.items()), chosen, one.narrow)


@dataclass(frozen=True)
class Found:
    """A page of a list, ready for a template."""

    table: Table
    search: str
    filters: tuple[FilterView, ...]
    filtered: bool
    next_url: str | None
    first_url: str | None
    all_url: str
    csv_url: str | None


@dataclass(frozen=True)
class Wanted:
    """What the URL asks for: only what the list has, whatever else is in it."""

    listing: Listing
    filters: Mapping[str, str]
    cursor: str | None

    @property
    def given(self) -> dict[str, str]:
        """Return the operation's query."""
        return {**self.filters, **({CURSOR: self.cursor} if self.cursor else {})}

    def shown(self, page: Any, *, may_take: bool) -> Found:  # noqa: ANN401  items, next_cursor
        """Return what the template shows of an answer."""
        return Found(
            table=table(
                self.listing.on_page,
                page.items,
                self.listing.empty,
                heads=[self._head(column) for column in self.listing.on_page],
            ),
            search=self.filters.get(SEARCH, ""),
            filters=tuple(FilterView.of(one, self._chosen(one)) for one in self.listing.filters),
            filtered=bool(self.filters.keys() - {SORT}),
            next_url=self._url(cursor=page.next_cursor) if page.next_cursor else None,
            first_url=self._url() if self.cursor else None,
            all_url=_here(),
            csv_url=self._url(format="csv") if may_take else None,
        )

    def _chosen(self, one: Filter) -> str:
        return self.filters.get(one.name) or (self.listing.sort if one.name == SORT else "")

    def _head(self, column: Column) -> Head | None:
        """Return the link that sorts by a column, or the other way round if it does already."""
        if not column.sort or (self.listing.search_sorts and SEARCH in self.filters):
            return None
        now = self.filters.get(SORT, self.listing.sort)
        way = "descending" if column.falls else "ascending"
        if now == column.sort:
            return Head(self._sorted(f"-{column.sort}"), way)
        turned = _OTHER_WAY[way] if now == f"-{column.sort}" else ""
        return Head(self._sorted(column.sort), turned)

    def _sorted(self, by: str) -> str:
        return _here(**{**self.filters, SORT: by})

    def _url(self, **more: str) -> str:
        return _here(**self.filters, **more)


def wanted_page(listing: Listing) -> Wanted:
    """Return what the present URL asks for."""
    names = [one.name for one in listing.filters]
    names += [SEARCH] if listing.search else []
    filters = {name: request.args[name].strip() for name in names if name in request.args}
    return Wanted(
        listing,
        {name: value for name, value in filters.items() if value},
        request.args.get(CURSOR),
    )


def as_csv(
    asking: Asking, listing: Listing, path: Mapping[str, str], *, wanted: Mapping[str, str]
) -> Response:
    """Return everything that a list finds, page by page, as a CSV file.

    Texts that a spreadsheet would compute stand behind an apostrophe.
    """
    # The first page is asked for at once: a refusal is still a page.
    first = asking.ask(listing.does, path, given={**wanted, "limit": MOST}).content

    def lines() -> Iterator[str]:
        yield _line([column.title for column in listing.columns])
        page: Any = first
        while True:
            for item in page.items:
                yield _line([_plain(cell(column.show(item))) for column in listing.columns])
            if page.next_cursor is None:
                return
            given = {**wanted, "limit": MOST, CURSOR: page.next_cursor}
            page = asking.ask(listing.does, path, given=given).content

    name = (request.endpoint or "").rpartition(".")[2]
    return Response(
        stream_with_context(lines()),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _plain(one: Cell) -> str:
    text = one.more if one.kind == "time" else one.text
    return f"'{text}" if text.startswith(_A_FORMULA) and one.kind != "number" else text


def _line(values: list[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _here(**query: str) -> str:
    values: dict[str, Any] = {**(request.view_args or {}), **query}
    return url_for(request.endpoint or "", **values)
