"""Values as pages show them: text, ids, links, badges, times; one `Cell` for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import format_decimal
from flask_babel import gettext as _

from authserver.account.views import moment


class Tone(StrEnum):
    """How a badge looks."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere within the console."""

    text: str
    url: str


@dataclass(frozen=True)
class Code:
    """An id, a URL, a name of a protocol: monospaced, and copyable."""

    text: str


@dataclass(frozen=True)
class Named:
    """The name of something, with its id as a detail."""

    text: str
    id: str


@dataclass(frozen=True)
class Badge:
    """A word about the state of something."""

    text: str
    tone: Tone = Tone.PLAIN


Single = str | int | bool | datetime | Link | Code | Named | Badge | None
Value = Single | Sequence[Single]


@dataclass(frozen=True)
class Cell:
    """A value, ready for a template. `kind` says which; `more` is a URL, an exact time, a tone."""

    kind: str
    text: str
    more: str = ""
    parts: tuple["Cell", ...] = ()


def cell(value: Value) -> Cell:
    """Return what a template shows of a value, and a CSV file has as its text."""
    if isinstance(value, bool):
        return Cell("text", _("Yes") if value else _("No"))
    if value is None or value in ("", Code("")):
        return Cell("none", "")
    if isinstance(value, str):
        return Cell("text", value)
    if isinstance(value, int):
        return Cell("number", format_decimal(value))
    if isinstance(value, datetime):
        shown = moment(value)
        return Cell("time", shown.text, shown.exact)
    return _special(value)


def _special(value: Link | Code | Named | Badge | Sequence[Single]) -> Cell:
    if isinstance(value, Link):
        return Cell("link", value.text, value.url)
    if isinstance(value, Code):
        return Cell("code", value.text)
    if isinstance(value, Named):
        return Cell("named", value.text, value.id)
    if isinstance(value, Badge):
        return Cell("badge", value.text, value.tone)
    parts = tuple(cell(one) for one in value)
    return Cell("list" if parts else "none", ", ".join(part.text for part in parts), parts=parts)
