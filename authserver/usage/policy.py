"""What is counted, in which spans of time, and what a quota is. Values in, decision out."""

import calendar
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from authserver.core.limits.buckets import Verdict

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_HOUR_SECONDS, _DAY_SECONDS = 3600, 86400
MOST_QUOTA = 1_000_000_000

TOKENS = "tokens"
SIGN_INS = "sign_ins"
SIGN_IN_FAILURES = "sign_in_failures"
# Not summed but noted: how many people there are, with a second factor, and who were there.
PEOPLE = "people"
PEOPLE_MFA = "people_mfa"
ACTIVE = "active"  # in the hour or day
ACTIVE_DAY = "active_day"  # in the 24 hours before
_REFUSED, _LATENCY = "refused_", "latency_"
# Upper ends in milliseconds of the answers that are counted together; the last has none.
LATENCIES = (2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)
_SLOWER = "latency_more"


class Refusal(StrEnum):
    """Why a client got no token, as its owners read it."""

    AUTHENTICATION = "authentication"
    ADDRESS = "address"
    RATE = "rate"
    QUOTA = "quota"
    GRANT = "grant"
    SCOPE = "scope"
    RESOURCE = "resource"
    PROOF = "proof"
    REQUEST = "request"
    OTHER = "other"

    @property
    def what(self) -> str:
        """Return under which name it is counted."""
        return f"{_REFUSED}{self.value}"


class Grain(StrEnum):
    """How long a time one figure is about."""

    HOUR = "hour"
    DAY = "day"

    @property
    def step(self) -> timedelta:
        """Return how long it is."""
        return HOUR if self is Grain.HOUR else DAY

    def of(self, moment: datetime) -> datetime:
        """Return when the hour or day (UTC) of a moment began."""
        seconds = _HOUR_SECONDS if self is Grain.HOUR else _DAY_SECONDS
        return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


class Period(StrEnum):
    """What a dashboard shows: up to now, the present hour or day with it."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def grain(self) -> Grain:
        """Return how fine its figures are."""
        return Grain.DAY if self is Period.MONTH else Grain.HOUR

    def moments(self, now: datetime) -> list[datetime]:
        """Return the beginning of each of its hours or days, the present one last."""
        grain = self.grain
        number = {Period.DAY: 24, Period.WEEK: 7 * 24, Period.MONTH: 30}[self]
        last = grain.of(now)
        return [last - grain.step * back for back in range(number - 1, -1, -1)]


@dataclass(frozen=True)
class Quota:
    """How many tokens a client may get in a day and in a month (UTC); None is no quota."""

    day: int | None
    month: int | None


class Spent(NamedTuple):
    """What was used of the present day and month."""

    day: int
    month: int


def quota_of(day: int | None, month: int | None) -> Quota | None:
    """Return a client's quota, None where it has none at all."""
    return None if day is None and month is None else Quota(day, month)


def verdicts(quota: Quota, spent: Spent, now: datetime, *, allowed: bool) -> list[Verdict]:
    """Return the state of each part of a quota, as rate limits are told.

    `allowed` says whether the request that this is told to was let through.
    """
    midnight = Grain.DAY.of(now) + DAY
    days = calendar.monthrange(now.year, now.month)[1]
    next_month = Grain.DAY.of(now).replace(day=1) + timedelta(days=days)
    parts = (
        ("day", quota.day, spent.day, midnight, _DAY_SECONDS),
        ("month", quota.month, spent.month, next_month, days * _DAY_SECONDS),
    )
    told = []
    for name, limit, used, end, window in parts:
        if limit is None:
            continue
        seconds = int((end - now).total_seconds()) + 1
        told.append(
            Verdict(
                allowed=allowed or used < limit,
                limit=limit,
                remaining=max(0, limit - used),
                reset=seconds,
                retry_after=seconds,
                window=window,
                name=name,
            )
        )
    return told


def latency(seconds: float) -> str:
    """Return under which name an answer that took so long is counted."""
    place = bisect_left(LATENCIES, seconds * 1000)
    return f"{_LATENCY}{LATENCIES[place]}" if place < len(LATENCIES) else _SLOWER


def is_latency(what: str) -> bool:
    """Tell whether something counted is a response time."""
    return what.startswith(_LATENCY)


def refusals(counted: Mapping[str, int]) -> dict[Refusal, int]:
    """Return the refusals among what was counted, most frequent first."""
    found = {reason: counted.get(reason.what, 0) for reason in Refusal}
    return {one: found[one] for one in sorted(found, key=lambda r: -found[r]) if found[one]}


def refused(counted: Mapping[str, int]) -> int:
    """Return how many refusals there were."""
    return sum(number for what, number in counted.items() if what.startswith(_REFUSED))


def percentile(counted: Mapping[str, int], share: float) -> int | None:
    """Return within how many milliseconds this share of answers came, None without any.

    The upper end of where they were counted; the last has none and is told by its lower.
    """
    numbers = [counted.get(f"{_LATENCY}{end}", 0) for end in LATENCIES]
    total = sum(numbers) + counted.get(_SLOWER, 0)
    if not total:
        return None
    reached = 0
    for end, number in zip(LATENCIES, numbers, strict=True):
        reached += number
        if reached >= share * total:
            return end
    return LATENCIES[-1]
