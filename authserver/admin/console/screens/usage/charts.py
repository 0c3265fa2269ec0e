"""Charts as data: columns of one table, which a script draws and everybody can read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_date, format_decimal, format_time
from flask_babel import gettext as _

from authserver.admin.api.usage import PointShown, UsageShown
from authserver.usage.policy import Grain

NONE = "\u2013"  # where nothing was noted


@dataclass(frozen=True)
class Series:
    """A line of a chart, and a column of the table: its names, its colour, what it shows."""

    label: str
    title: str
    tone: str  # accent, danger, good, warn
    of: Callable[[PointShown], int | None]


@dataclass(frozen=True)
class Chart:
    """A chart of some columns, by their places in the table."""

    id: str
    title: str
    series: tuple[Series, ...]
    first: int

    @property
    def columns(self) -> str:
        """Return the places of its columns."""
        return " ".join(str(self.first + place) for place in range(len(self.series)))


@dataclass(frozen=True)
class Row:
    """An hour or day, with every column."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """The charts of a page, and the table that says the same: the newest row first."""

    charts: tuple[Chart, ...]
    titles: tuple[str, ...]
    rows: tuple[Row, ...]


def figures(usage: UsageShown, *, of_client: bool = False) -> Figures:
    """Return what is drawn of a period: of a client the tokens that it has."""
    shown = [_tokens()] if of_client else [_sign_ins(), _tokens(), _people(), _latency()]
    charts: list[Chart] = []
    series: list[Series] = []
    for name, title, lines in shown:
        charts.append(Chart(name, title, lines, first=len(series)))
        series += lines
    rows = tuple(_row(point, usage.grain, series) for point in reversed(usage.points))
    return Figures(tuple(charts), tuple(one.title for one in series), rows)


_Lines = tuple[str, str, tuple[Series, ...]]


def _tokens() -> _Lines:
    tokens, refused = _("Tokens"), _("Refused")
    lines = (
        Series(tokens, tokens, "accent", lambda point: point.tokens),
        Series(refused, refused, "danger", lambda point: point.refused),
    )
    return "tokens", tokens, lines


def _sign_ins() -> _Lines:
    lines = (
        Series(_("Signed in"), _("Sign-ins"), "accent", lambda point: point.sign_ins),
        Series(_("Failed"), _("Failed sign-ins"), "danger", lambda point: point.sign_in_failures),
    )
    return "sign-ins", _("Sign-ins"), lines


def _people() -> _Lines:
    active = _("Active people")
    return "people", active, (Series(active, active, "good", lambda point: point.active_people),)


def _latency() -> _Lines:
    half, most = _("Half of them"), _("95 of 100")
    lines = (
        Series(half, f"ms: {half}", "accent", lambda point: point.latency_p50_ms),
        Series(most, f"ms: {most}", "warn", lambda point: point.latency_p95_ms),
    )
    return "latency", _("Response time of tokens, milliseconds"), lines


def _row(point: PointShown, grain: Grain, series: Sequence[Series]) -> Row:
    values = [one.of(point) for one in series]
    words = tuple(NONE if one is None else str(format_decimal(one)) for one in values)
    return Row(_label(point.at, grain), words)


def _label(at: datetime, grain: Grain) -> str:
    day = str(format_date(at, "d MMM"))
    return day if grain is Grain.DAY else f"{day}, {format_time(at, 'short')}"
