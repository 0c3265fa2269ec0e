"""Charts as data: for the script that draws them, and for the table that says the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from flask_babel import format_date, format_decimal, format_time
from flask_babel import gettext as _

from authserver.admin.api.usage import PointShown, UsageShown
from authserver.usage.policy import Grain, Period

NONE = "\u2013"  # where nothing was noted


@dataclass(frozen=True)
class Series:
    """A line of a chart: its name, its colour, and what it shows of an hour or day."""

    label: str
    tone: str  # accent, danger, good, warn
    of: Callable[[PointShown], int | None]


@dataclass(frozen=True)
class Row:
    """An hour or day, with the values of every series in words."""

    label: str
    exact: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """A chart. `data` is what the script reads."""

    id: str
    title: str
    labels: tuple[str, ...]
    tones: tuple[str, ...]
    data: str
    rows: tuple[Row, ...]


def charts(usage: UsageShown, *, of_client: bool = False) -> list[Chart]:
    """Return the charts of a period: of a client the one that it has."""
    tokens = _chart(
        usage,
        "tokens",
        _("Tokens"),
        Series(_("Tokens"), "accent", lambda point: point.tokens),
        Series(_("Refused"), "danger", lambda point: point.refused),
    )
    if of_client:
        return [tokens]
    return [
        _chart(
            usage,
            "sign-ins",
            _("Sign-ins"),
            Series(_("Signed in"), "accent", lambda point: point.sign_ins),
            Series(_("Failed"), "danger", lambda point: point.sign_in_failures),
        ),
        tokens,
        _chart(
            usage,
            "people",
            _("Active people"),
            Series(_("Active people"), "good", lambda point: point.active_people),
        ),
        _chart(
            usage,
            "latency",
            _("Response time of tokens, milliseconds"),
            Series(_("Half of them"), "accent", lambda point: point.latency_p50_ms),
            Series(_("95 of 100"), "warn", lambda point: point.latency_p95_ms),
        ),
    ]


def _chart(usage: UsageShown, name: str, title: str, *series: Series) -> Chart:
    points = usage.points
    document: dict[str, Any] = {
        "labels": [_label(point.at, usage.grain) for point in points],
        "ticks": [_tick(point.at, usage.period) for point in points],
        "series": [
            {"label": str(one.label), "tone": one.tone, "values": [one.of(p) for p in points]}
            for one in series
        ],
    }
    return Chart(
        id=name,
        title=str(title),
        labels=tuple(str(one.label) for one in series),
        tones=tuple(one.tone for one in series),
        data=orjson.dumps(document).decode(),
        rows=tuple(_rows(points, usage.grain, series)),
    )


def _rows(points: Sequence[PointShown], grain: Grain, series: Sequence[Series]) -> list[Row]:
    """Return the hours or days in which there was something, the newest first."""
    found = []
    for point in reversed(points):
        values = [one.of(point) for one in series]
        if any(values):
            words = tuple(NONE if one is None else str(format_decimal(one)) for one in values)
            found.append(Row(_label(point.at, grain), point.at.isoformat(), words))
    return found


def _tick(at: datetime, period: Period) -> str:
    """Return what stands below the chart: it has little room."""
    return str(format_time(at, "short") if period is Period.DAY else format_date(at, "d MMM"))


def _label(at: datetime, grain: Grain) -> str:
    day = str(format_date(at, "d MMM"))
    return day if grain is Grain.DAY else f"{day}, {format_time(at, 'short')}"
