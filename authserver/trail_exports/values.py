"""What is asked for, and how a file stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from authserver.audit.reading import Wanted
from authserver.jobs.values import JobView, State

KIND = "export_trail"
LIFE = timedelta(hours=24)
# Why there is no file: somebody was erased who may have been in it.
PERSON_ERASED = "person_erased"
_EVERYTHING = Wanted()


class Format(StrEnum):
    """How a file is written. A bundle proves itself (docs/trail-format.md)."""

    CSV = "csv"
    JSONL = "jsonl"
    BUNDLE = "bundle"


MEDIA = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSONL: "application/jsonl",
    Format.BUNDLE: "application/gzip",
}
ENDINGS = {Format.CSV: "csv", Format.JSONL: "jsonl", Format.BUNDLE: "bundle"}


@dataclass(frozen=True)
class Ask:
    """What somebody wants to take away.

    A bundle is the whole trail, or what came after the checkpoint `since`: filters are for the
    others, as a stretch with holes proves nothing. `also` are further checkpoints to be in it.
    `personal`: with addresses, browsers and what else is encrypted, in clear.
    """

    format: Format
    wanted: Wanted = _EVERYTHING
    personal: bool = False
    since: int | None = None
    also: tuple[int, ...] = ()


class Standing(StrEnum):
    """How a file stands. READY until it expires; LOST: it could not be made.

    WITHDRAWN: it held personal values, and somebody was erased who may have been in it.
    """

    MAKING = "making"
    READY = "ready"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


@dataclass(frozen=True)
class ExportView:
    """A file as it is now: `done` of `total` events of the trail are behind it.

    `size` is what is fetched, in bytes. `failure` is the code of why there is none.
    """

    id: str
    tenant_id: str
    job_id: str
    format: Format
    personal: bool
    standing: Standing
    filters: Mapping[str, Any]
    total: int
    done: int
    events: int
    size: int
    failure: str | None
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime


def standing_of(
    ready_at: datetime | None, expires_at: datetime, job: JobView | None, *, now: datetime
) -> Standing:
    """Return how a file stands whose job is this one, None where that is forgotten."""
    if ready_at is not None:
        return Standing.READY if expires_at > now else Standing.EXPIRED
    if job is None:
        return Standing.LOST
    if job.state in {State.WAITING, State.RUNNING}:
        return Standing.MAKING
    if job.failure == PERSON_ERASED:
        return Standing.WITHDRAWN
    return Standing.CANCELLED if job.state is State.CANCELLED else Standing.LOST
