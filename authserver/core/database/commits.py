"""Group commit: jobs that arrive together share one durable commit (docs/decisions/0002).

Owns the queue, whose turn it is, and what becomes of each job when one of a group fails. Must not
know what a job does nor how a commit is made.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from authserver.core.problems import Unavailable

J = TypeVar("J")
_ATTEMPTS_ALONE = 3
_MOMENT = 0.001  # seconds


class Ticket(Generic[J]):
    """A job in the queue and, later, what became of it."""

    def __init__(self, job: J) -> None:
        """Begin without an outcome."""
        self.job = job
        self.done = False
        self.leads = False
        self.value: Any = None
        self.error: BaseException | None = None
        # Taken until the job is done, or until its thread leads.
        self.turn = threading.Lock()
        self.turn.acquire()


class GroupCommit(Generic[J]):
    """One thread at a time commits what waits; the others sleep until they are told."""

    def __init__(
        self,
        commit: Callable[[Sequence[Ticket[J]]], None],
        worth_repeating: Callable[[BaseException], bool],
    ) -> None:
        """Take what runs jobs in one transaction, and what tells a conflict from a defect."""
        self._commit = commit
        self._worth_repeating = worth_repeating
        self._queue: deque[Ticket[J]] = deque()
        self._leading = threading.Lock()

    def run(self, job: J) -> Any:  # noqa: ANN401  what the job gave
        """Run a job and return what it gave when that is durable, or raise what it raised."""
        ticket = Ticket(job)
        self._queue.append(ticket)
        # Whoever leads looks at the queue again after this: it will serve us, or make us lead.
        interruption = None if self._leading.acquire(blocking=False) else _wait(ticket)
        if not ticket.done:
            try:
                self._serve(self._waiting(), leader=ticket)
            finally:
                self._hand_over()
        if interruption is not None:
            raise interruption
        if ticket.error is not None:
            raise ticket.error
        return ticket.value

    def _waiting(self) -> list[Ticket[J]]:
        tickets = []
        while self._queue:
            tickets.append(self._queue.popleft())
        return tickets

    def _hand_over(self) -> None:
        """Let the first who waits lead: nobody serves others for longer than one commit."""
        while True:
            if self._queue:
                self._queue[0].leads = True
                self._queue[0].turn.release()
                return
            self._leading.release()
            if not self._queue or not self._leading.acquire(blocking=False):
                return

    def _serve(self, tickets: list[Ticket[J]], *, leader: Ticket[J]) -> None:
        try:
            self._commit(tickets)
        except Unavailable as down:
            for ticket in tickets:
                ticket.error = down
        except Exception as error:  # noqa: BLE001  every waiting thread gets its own outcome
            if len(tickets) == 1 and not self._worth_repeating(error):
                tickets[0].error = error
            else:
                self._serve_alone(tickets)
        except BaseException:
            # This thread is being ended: what waited with it was not stored.
            for ticket in tickets:
                ticket.error = Unavailable(detail="the writer was ended")
            raise
        finally:
            _tell(tickets, leader)

    def _serve_alone(self, tickets: list[Ticket[J]]) -> None:
        """Repeat each job by itself, so that one job's failure is nobody else's."""
        for ticket in tickets:
            for attempt in range(1, _ATTEMPTS_ALONE + 1):
                try:
                    self._commit([ticket])
                    break
                except Exception as error:  # noqa: BLE001  it is handed to the waiting thread
                    ticket.error = error
                    if not self._worth_repeating(error):
                        break
                    if attempt == _ATTEMPTS_ALONE:
                        ticket.error = Unavailable(detail=f"conflicts: {error}")


def _tell(tickets: Iterable[Ticket[Any]], leader: Ticket[Any]) -> None:
    """Wake the threads whose jobs are done; the leader's is awake."""
    for ticket in tickets:
        ticket.done = True
        if ticket is not leader:
            ticket.turn.release()


def _wait(ticket: Ticket[Any]) -> BaseException | None:
    """Sleep until told; return what a signal raised meanwhile, in the main thread.

    It has to wait too: the others count on this thread, which may already be the one to lead.
    """
    try:
        ticket.turn.acquire()
    except BaseException as interruption:  # noqa: BLE001  it is raised when its turn is over
        while not (ticket.done or ticket.leads):
            time.sleep(_MOMENT)
        return interruption
    return None
