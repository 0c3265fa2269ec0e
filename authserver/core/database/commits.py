"""Group commit: what arrives together shares one durable commit (docs/decisions/0002, 0010).

Owns the queue, whose turn it is, and what becomes of each work when one of a group fails. Must not
know what a job does nor how a commit is made.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Iterable, Sequence
from typing import Any, Generic, TypeVar

from authserver.core.problems import Unavailable

J = TypeVar("J")
T = TypeVar("T")
Work = Coroutine[J, Any, T]
_ATTEMPTS_ALONE = 3
_MOMENT = 0.001  # seconds


class Stored(Generic[J]):
    """What a work awaits: it goes on with what its job gave when that is durable."""

    def __init__(self, job: J) -> None:
        """Take the job."""
        self._job = job

    def __await__(self) -> Generator[J, Any, Any]:
        """Give the job to whoever drives the work."""
        return (yield self._job)


async def only(job: J) -> Any:  # noqa: ANN401  what the job gave
    """Return the work that is one job."""
    return await Stored(job)


class Ticket(Generic[J]):
    """A work in the queue: the job it waits for, what that gave, and at the end what it gave."""

    job: J

    def __init__(self, work: Work[J, Any]) -> None:
        """Begin without an outcome."""
        self._work = work
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        # Taken until the work is done, or until its thread leads.
        self.turn = threading.Lock()
        self.turn.acquire()

    def advance(self) -> bool:
        """Let the work go on to its next job; False when it has ended."""
        error, self.error = self.error, None
        try:
            self.job = self._work.throw(error) if error else self._work.send(self.value)
        except StopIteration as end:
            self.value = end.value
        except Exception as failure:  # noqa: BLE001  it is handed to the waiting thread
            self.error = failure
        else:
            self.value = None
            return True
        return False

    def outcome(self) -> Any:  # noqa: ANN401  the work's
        """Return what the work gave, or raise what it raised."""
        if self.error is not None:
            raise self.error
        return self.value


def do(work: Work[J, T], store: Callable[[J], Any]) -> T:
    """Do a work in this thread, each of its jobs by `store`; return what it gave."""
    ticket: Ticket[J] = Ticket(work)
    while ticket.advance():
        try:
            ticket.value = store(ticket.job)
        except Exception as error:  # noqa: BLE001  it is handed to the work
            ticket.error = error
    return ticket.outcome()  # type: ignore[no-any-return]  # the work's


class GroupCommit(Generic[J]):
    """One thread at a time does the work that waits; the others sleep until they are told.

    Python runs on one thread at a time anyway, and the same steps of many requests one after the
    other cost less than by turns.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Ticket[J]]], None],
        worth_repeating: Callable[[BaseException], bool],
    ) -> None:
        """Take what runs jobs in one transaction, and what tells a conflict from a defect."""
        self._commit = commit
        self._worth_repeating = worth_repeating
        self._queue: deque[Ticket[J]] = deque()
        # Who leads sits on the one seat. Unlike a lock it says who, whenever that is asked.
        self._seat: dict[str, Ticket[J]] = {}
        self._leader: int | None = None

    def run(self, work: Work[J, T]) -> T:
        """Do a work and return what it gave, or raise what it raised."""
        if self._leader == threading.get_ident():
            work.close()
            raise RuntimeError("a work awaits what it stores: it would wait for itself")
        ticket: Ticket[J] = Ticket(work)  # without the brackets, which cost two microseconds
        interruption = self._wait(ticket)
        if not ticket.done:
            try:
                self._serve(self._waiting(), leader=ticket)
            finally:
                self._hand_over(ticket)
        if interruption is not None:
            raise interruption
        return ticket.outcome()  # type: ignore[no-any-return]  # the work's

    def _wait(self, ticket: Ticket[J]) -> BaseException | None:
        """Sleep until the work is done or leads; return what a signal raised meanwhile.

        Signals raise in the main thread. It has to wait all the same: the others count on it.
        """
        try:
            self._queue.append(ticket)
            # Whoever leads looks at the queue again after this: it will serve us, or make us lead.
            if not self._leads(ticket):
                ticket.turn.acquire()
        except BaseException as interruption:  # noqa: BLE001  it is raised when its turn is over
            while not (ticket.done or self._leads(ticket)):
                time.sleep(_MOMENT)
            return interruption
        return None

    def _leads(self, ticket: Ticket[J]) -> bool:
        """Take the seat if it is free; tell whether it is ours."""
        return self._seat.setdefault("leader", ticket) is ticket

    def _waiting(self) -> list[Ticket[J]]:
        tickets = []
        while self._queue:
            tickets.append(self._queue.popleft())
        return tickets

    def _hand_over(self, ticket: Ticket[J]) -> None:
        """Let the first who waits lead: nobody serves others for longer than one group."""
        while self._leads(ticket):
            if self._queue:
                following = self._queue[0]
                self._seat["leader"] = following
                following.turn.release()
                return
            del self._seat["leader"]
            if not self._queue:
                return

    def _serve(self, tickets: list[Ticket[J]], *, leader: Ticket[J]) -> None:
        self._leader = threading.get_ident()
        try:
            waiting = tickets
            while waiting := [ticket for ticket in waiting if ticket.advance()]:
                self._store(waiting)
        except BaseException:
            # This thread is being ended: what waited with it was not stored.
            for ticket in tickets:
                ticket.error = Unavailable(detail="the writer was ended")
            raise
        finally:
            self._leader = None
            _tell(tickets, leader)

    def _store(self, tickets: list[Ticket[J]]) -> None:
        try:
            self._commit(tickets)
        except Unavailable as down:
            for ticket in tickets:
                ticket.error = down
        except Exception as error:  # noqa: BLE001  every work gets its own outcome
            if len(tickets) == 1 and not self._worth_repeating(error):
                tickets[0].error = error
            else:
                self._store_alone(tickets)

    def _store_alone(self, tickets: list[Ticket[J]]) -> None:
        """Repeat each job by itself, so that one job's failure is nobody else's."""
        for ticket in tickets:
            for attempt in range(1, _ATTEMPTS_ALONE + 1):
                try:
                    self._commit([ticket])
                    break
                except Exception as error:  # noqa: BLE001  it is handed to the work
                    ticket.error = error
                    if not self._worth_repeating(error):
                        break
                    if attempt == _ATTEMPTS_ALONE:
                        ticket.error = Unavailable(detail=f"conflicts: {error}")


def _tell(tickets: Iterable[Ticket[Any]], leader: Ticket[Any]) -> None:
    """Wake the threads whose works are done; the leader's is awake."""
    for ticket in tickets:
        ticket.done = True
        if ticket is not leader:
            ticket.turn.release()
