"""Lists and tables, as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authserver.admin.console.parts.values import Cell, Value, cell


@dataclass(frozen=True)
class Column:
    """A column: its title, and what it shows of an item. The first one should be a Link.

    `sort` is the value of the operation's parameter `sort` that orders by it, with a minus the
    other way round; `falls` says that the last comes first then. What is `only_in_file` is for
    programs that read the CSV file.
    """

    title: str
    show: Callable[[Any], Value]
    sort: str = ""
    falls: bool = False
    only_in_file: bool = False


@dataclass(frozen=True)
class Filter:
    """A field of the list's query with a closed list of values: value -> words; none: any text.

    `narrow`: for phones, which have no titles of columns to sort by.
    """

    name: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)
    narrow: bool = False


@dataclass(frozen=True)
class Action:
    """A link to another screen, shown to whoever may ask for the operation `does`."""

    text: str
    url: str
    does: str
    kind: str = "secondary"  # primary, secondary, danger


@dataclass(frozen=True)
class Listing:
    """A list screen: the operation `does` is asked, whose answer has `items` and `next_cursor`.

    `search` is the label of its parameter `q`, None where it has none; `search_sorts` says that
    what is searched for comes in an order of its own. `empty` says how to begin. `sort` is how the
    list is sorted unless somebody chooses.
    `files`: whether the list can be had as a CSV file. `view` makes of the items what a `template`
    shows, which extends console/list.html.
    """

    does: str
    title: str
    columns: Sequence[Column]
    empty: str
    lead: str = ""
    search: str | None = None
    filters: Sequence[Filter] = ()
    actions: Sequence[Action] = ()
    files: bool = True
    template: str = "console/list.html"
    view: Callable[[Sequence[Any]], object] | None = None
    sort: str = ""
    search_sorts: bool = False

    @property
    def on_page(self) -> tuple[Column, ...]:
        """Return the columns that people see."""
        return tuple(column for column in self.columns if not column.only_in_file)


@dataclass(frozen=True)
class Head:
    """The title of a column by which a list can be sorted, and how it is now (WAI-ARIA)."""

    url: str
    sorted: str  # ascending, descending, or nothing


@dataclass(frozen=True)
class Table:
    """A table, ready for a template. `heads` go with the titles, None where nothing sorts."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    heads: tuple[Head | None, ...] = ()


def table(
    columns: Sequence[Column],
    items: Sequence[Any],
    empty: str = "",
    *,
    heads: Sequence[Head | None] = (),
) -> Table:
    """Return items as a table."""
    rows = tuple(tuple(cell(column.show(item)) for column in columns) for item in items)
    return Table(tuple(column.title for column in columns), rows, empty, tuple(heads))
