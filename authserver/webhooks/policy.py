"""What an endpoint may ask for, and when what failed is tried again. Values in, decision out."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from authserver.audit.catalogue import EventType
from authserver.core.problems import Problem

EVERYTHING = "*"
MOST_ENDPOINTS = 20
MOST_PATTERNS = 100
HORIZON = timedelta(days=3)  # from the event, or from its replay, to the last attempt
LONGEST_OVERLAP = timedelta(days=7)
USUAL_OVERLAP = timedelta(days=1)
# An endpoint that failed so often in a row is asked for one thing at a time, and rests between.
PROBED_FROM = 3

_FIRST_PAUSE, _LONGEST_PAUSE, _FACTOR = timedelta(seconds=5), timedelta(hours=6), 4
_FIRST_REST, _LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
_MOST_SPREAD = 0.2
_FIRST_TRIES = 10  # more of them are no longer a pause, and the power would be huge
_GONE = 410

# What deliveries themselves cause would go round for ever; a test is for the tested one alone.
_UNTOLD = frozenset(
    {
        EventType.WEBHOOK_TESTED,
        EventType.WEBHOOK_DELIVERY_GIVEN_UP,
        EventType.WEBHOOK_DELIVERIES_REPLAYED,
    }
)
TELLABLE = tuple(sorted(one.value for one in EventType if one not in _UNTOLD))
NOUNS = tuple(sorted({name.partition(".")[0] for name in TELLABLE}))


class UnfitWebhook(Problem):
    """The endpoint cannot be so; the description says what to change."""

    code = "unfit_webhook"
    title = "The webhook cannot be so"


class Pause(StrEnum):
    """Why nothing is sent. FAILING: nothing came through for three days. GONE: it said so, 410."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"


def check_events(patterns: Sequence[str]) -> list[str]:
    """Return the patterns, sorted and each once. Raises UnfitWebhook."""
    if not patterns:
        raise UnfitWebhook("Say which events it wants: types, a noun such as 'user.*', or '*'.")
    if len(patterns) > MOST_PATTERNS:
        raise UnfitWebhook(f"At most {MOST_PATTERNS} types and nouns; '*' means all of them.")
    known = {EVERYTHING, *TELLABLE, *(f"{noun}.*" for noun in NOUNS)}
    for pattern in patterns:
        if pattern not in known:
            raise UnfitWebhook(f"There is no event {pattern[:64]!r} that webhooks are told of.")
    return sorted(set(patterns))


def wants(patterns: Iterable[str], event: EventType) -> bool:
    """Tell whether an endpoint with these patterns is told of such an event."""
    if event in _UNTOLD:
        return False
    noun = event.value.partition(".")[0]
    return not {EVERYTHING, event.value, f"{noun}.*"}.isdisjoint(patterns)


def check_overlap(overlap: timedelta) -> timedelta:
    """Return for how long the old secret still signs. Raises UnfitWebhook."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise UnfitWebhook(f"The old secret signs for at most {LONGEST_OVERLAP.days} days more.")
    return overlap


def pause_after(attempt: int, spread: float) -> timedelta:
    """Return when to try again after the attempt of this number; `spread` is from 0 to 1."""
    power = min(attempt, _FIRST_TRIES) - 1
    pause = min(_FIRST_PAUSE * int(_FACTOR**power), _LONGEST_PAUSE)
    return pause * (1 + _MOST_SPREAD * spread)


def rest_after(failures: int) -> timedelta:
    """Return how long an endpoint is left alone after so many failures in a row."""
    if failures < PROBED_FROM:
        return timedelta(0)
    power = min(failures - PROBED_FROM, _FIRST_TRIES)
    return min(_FIRST_REST * int(2**power), _LONGEST_REST)


def pause_for(status: int | None, failing_since: datetime, now: datetime) -> Pause | None:
    """Return why an endpoint that failed just now is paused, None where it is not."""
    if status == _GONE:
        return Pause.GONE
    return Pause.FAILING if now - failing_since >= HORIZON else None
