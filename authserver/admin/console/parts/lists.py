"""Lists and tables, as data."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authserver.admin.console.parts.values import Cell, Value, cell


@dataclass(frozen=True)
class Column:
    """A column: its title, and what it shows of an item. The first one should be a Link."""

    title: str
    show: Callable[[Any], Value]


@dataclass(frozen=True)
class Filter:
    """A field of the list's query with a closed list of values: value -> words; none: any text."""

    name: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)


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

    `search` is the label of its parameter `q`, None where it has none. `empty` says how to begin.
    `taken` is the operation of the CSV file, where that takes another permission than to look.
    """

    does: str
    title: str
    columns: Sequence[Column]
    empty: str
    lead: str = ""
    search: str | None = None
    filters: Sequence[Filter] = ()
    actions: Sequence[Action] = ()
    taken: str = ""


@dataclass(frozen=True)
class Table:
    """A table, ready for a template."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""


def table(columns: Sequence[Column], items: Sequence[Any], empty: str = "") -> Table:
    """Return items as a table."""
    rows = tuple(tuple(cell(column.show(item)) for column in columns) for item in items)
    return Table(tuple(column.title for column in columns), rows, empty)
