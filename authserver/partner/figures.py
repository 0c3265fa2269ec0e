"""What of the figures the pages show: bars by hour or day, sums, refusals, quotas."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import format_date, format_decimal, format_time

from authserver.account.views import Moment, moment
from authserver.admin.api.usage import PointShown, QuotaShown, UsageShown
from authserver.admin.console.reasons import Reason, in_words
from authserver.usage.policy import Grain

HEIGHT = 100


@dataclass(frozen=True)
class Bar:
    """One hour or day: from where to where, of a hundred, and what it says."""

    at: Moment
    label: str
    tokens: int
    refused: int
    top: float
    height: float
    refused_top: float
    refused_height: float


@dataclass(frozen=True)
class Refused:
    """How often something was refused, and why."""

    reason: Reason
    number: str


@dataclass(frozen=True)
class Use:
    """Figures of a client, for its page."""

    tokens: str
    refused: str
    most: str
    bars: tuple[Bar, ...]
    refusals: tuple[Refused, ...]
    quotas: tuple[QuotaShown, ...]


def use(usage: UsageShown) -> Use:
    """Return what is shown of a client's figures."""
    most = max((point.tokens + point.refused for point in usage.points), default=0)
    return Use(
        tokens=str(format_decimal(usage.tokens)),
        refused=str(format_decimal(usage.refused)),
        most=str(format_decimal(most)),
        bars=tuple(_bar(point, usage.grain, most) for point in usage.points),
        refusals=tuple(
            Refused(in_words(one.reason), str(format_decimal(one.number))) for one in usage.refusals
        ),
        quotas=usage.quotas,
    )


def busy(bars: Sequence[Bar]) -> list[Bar]:
    """Return the hours or days in which something happened, the newest first."""
    return [bar for bar in reversed(bars) if bar.tokens or bar.refused]


def _bar(point: PointShown, grain: Grain, most: int) -> Bar:
    at = moment(point.at)
    tokens, refused = _part(point.tokens, most), _part(point.refused, most)
    label = format_date(point.at, "medium") if grain is Grain.DAY else _hour(point)
    return Bar(
        at=at,
        label=str(label),
        tokens=point.tokens,
        refused=point.refused,
        top=round(HEIGHT - tokens, 2),
        height=tokens,
        refused_top=round(HEIGHT - tokens - refused, 2),
        refused_height=refused,
    )


def _hour(point: PointShown) -> str:
    return f"{format_date(point.at, 'short')} {format_time(point.at, 'short')}"


def _part(number: int, most: int) -> float:
    return round(HEIGHT * number / most, 2) if most else 0
