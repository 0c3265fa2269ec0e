"""What a screen about one thing says: facts in sections, tables, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from authserver.admin.console.parts.lists import Action, Table
from authserver.admin.console.parts.values import Badge, Value


@dataclass(frozen=True)
class Fact:
    """A labelled value."""

    label: str
    value: Value
    hint: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the screen, of facts or with a table; with links of its own."""

    title: str
    facts: Sequence[Fact] = ()
    lead: str = ""
    table: Table | None = None
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Detail:
    """A screen about one thing. `id` is shown below the title, copyable.

    `template` is one that extends console/detail.html.
    """

    title: str
    sections: Sequence[Section]
    id: str = ""
    lead: str = ""
    badges: Sequence[Badge] = ()
    actions: Sequence[Action] = ()
    template: str = "console/detail.html"
