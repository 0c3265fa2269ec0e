"""What a job is, to whom it concerns: its states, who began it, how far it is, what a step did."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction


class State(StrEnum):
    """How a job stands. RECEIVING: its parts are still coming, and nothing is done yet."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.RECEIVING, State.WAITING, State.RUNNING)


@dataclass(frozen=True)
class Begun:
    """Who began a job: a person or a client of a tenant, or the operator."""

    kind: str
    id: str
    tenant_id: str
    correlation_id: str

    @property
    def actor(self) -> Actor:
        """Return who the trail says it was, without address and browser of then."""
        return Actor(self.kind, self.id, self.correlation_id)


@dataclass(frozen=True)
class NewJob:
    """What a job is made from. RECEIVING: its parts come first; `total` is known otherwise.

    `alone`: a tenant has one of the kind at a time.
    """

    kind: str
    begun: Begun
    settings: Mapping[str, Any]
    state: State = State.RECEIVING
    total: int = 0
    alone: bool = True


@dataclass(frozen=True)
class JobView:
    """A job as it is now."""

    id: str
    tenant_id: str
    kind: str
    state: State
    begun: Begun
    settings: Mapping[str, Any]
    result: Mapping[str, Any] | None
    total: int
    done: int
    refused: int
    failure: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def percent(self) -> int:
        """Return how much of it is done."""
        return 100 if not self.total else self.done * 100 // self.total


@dataclass(frozen=True)
class Refused:
    """A row that was not taken: its number from 1, the field ("" for the row) and why."""

    number: int
    field: str
    code: str


@dataclass(frozen=True)
class Step:
    """What one step did: how many rows, which of them were refused, and whether that is all.

    `total` is how many there are, where only the work finds out.
    """

    rows: int = 0
    refused: Sequence[Refused] = ()
    finished: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    total: int | None = None


class Handler(Protocol):
    """Does the work of one kind of job."""

    kind: str

    def step(self, transaction: Transaction, job: JobView) -> Step:
        """Do a little, in the given transaction. A Problem ends the job as failed, by its code.

        What it does is stored together with how far the job is: after the death of a process the
        next one goes on behind it. A few hundred milliseconds at most, as others wait meanwhile.
        """


# Does a step in a transaction of its own, and keeps the job for us. Raises what ends the work.
Note = Callable[[Callable[[Transaction, JobView], Step]], None]


class Whole(Protocol):
    """Does the work of one kind of job at a stretch, most of it outside of any transaction."""

    kind: str

    def work(self, job: JobView, note: Note) -> None:
        """Do all of it. A Problem ends the job as failed, by its code.

        What others shall see is noted step by step, the last one finished, and more than once a
        minute: else somebody takes the job for dead. After a death it begins anew, and first undoes
        what it noted before.
        """
