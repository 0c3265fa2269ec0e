"""Whose turn it is to commit: everybody is served once, and nobody serves others for long."""

import signal
import threading
from collections.abc import Callable, Sequence

import pytest

from authserver.core.database.commits import GroupCommit, Ticket

Job = Callable[[], object]


class Committer:
    """Runs jobs as a database would, and notes which thread committed which of them."""

    def __init__(self) -> None:
        self.groups: list[tuple[int, int]] = []
        self.busy = threading.Lock()
        self.turns = GroupCommit(self.commit, lambda _error: False)

    def commit(self, tickets: Sequence[Ticket[Job]]) -> None:
        assert self.busy.acquire(blocking=False), "two commits at once"
        try:
            self.groups.append((threading.get_ident(), len(tickets)))
            for ticket in tickets:
                ticket.value, ticket.error = ticket.job(), None
        finally:
            self.busy.release()

    def waiting(self) -> int:
        return len(self.turns._queue)  # noqa: SLF001  the only way to know who waits


def started(target: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=target)
    thread.start()
    return thread


def test_whoever_committed_lets_the_first_who_waits_commit_next() -> None:
    committer, held, release = Committer(), threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        release.wait()

    threads = [started(lambda: committer.turns.run(hold))]
    held.wait()
    for number in range(1, 4):
        threads.append(started(lambda: committer.turns.run(lambda: None)))
        while committer.waiting() < number:
            pass
    release.set()
    for thread in threads:
        thread.join()
    leaders = [leader for leader, _ in committer.groups]
    assert [size for _, size in committer.groups] == [1, 3]
    assert leaders[0] == threads[0].ident
    assert leaders[1] == threads[1].ident


def test_every_job_of_many_threads_runs_once_and_gives_its_own_answer() -> None:
    committer = Committer()
    ran: list[tuple[int, int]] = []
    wrong: list[object] = []

    def work(worker: int) -> None:
        for number in range(300):
            mine = (worker, number)
            answer = committer.turns.run(lambda mine=mine: (ran.append(mine), mine)[1])
            if answer != mine:
                wrong.append(answer)

    threads = [started(lambda worker=worker: work(worker)) for worker in range(12)]
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(ran) == len(set(ran)) == 12 * 300
    assert committer.waiting() == 0


def test_a_thread_that_is_ended_while_it_commits_leaves_the_turn_to_others() -> None:
    committer = Committer()

    def end() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        committer.turns.run(end)
    assert committer.turns.run(lambda: "next") == "next"


class Interrupted(BaseException):
    """What a signal handler raises in the main thread, as Ctrl-C does."""


def test_a_thread_that_is_interrupted_while_it_waits_holds_nobody_up() -> None:
    """Its job is done all the same, and then the interruption goes on."""
    committer, held, release = Committer(), threading.Event(), threading.Event()
    main = threading.get_ident()

    def hold() -> None:
        held.set()
        release.wait()

    def interrupt(_number: int, _frame: object) -> None:
        release.set()
        raise Interrupted

    def signal_the_main_thread() -> None:
        while committer.waiting() == 0:
            pass
        signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    ran: list[str] = []
    threads = [started(lambda: committer.turns.run(hold))]
    held.wait()
    threads.append(started(signal_the_main_thread))
    try:
        with pytest.raises(Interrupted):
            committer.turns.run(lambda: ran.append("mine"))
    finally:
        signal.signal(signal.SIGUSR1, before)
    for thread in threads:
        thread.join()
    assert ran == ["mine"]
    assert committer.turns.run(lambda: "next") == "next"


def test_one_job_of_a_group_fails_alone() -> None:
    committer, held, release = Committer(), threading.Event(), threading.Event()
    outcomes: dict[str, object] = {}

    def hold() -> None:
        held.set()
        release.wait()

    def fail() -> None:
        raise ValueError("a defect")

    def run(name: str, job: Job) -> None:
        try:
            outcomes[name] = committer.turns.run(job)
        except ValueError as error:
            outcomes[name] = str(error)

    threads = [started(lambda: run("first", hold))]
    held.wait()
    for count, (name, job) in enumerate({"bad": fail, "good": lambda: "stored"}.items(), 1):
        threads.append(started(lambda name=name, job=job: run(name, job)))
        while committer.waiting() < count:
            pass
    release.set()
    for thread in threads:
        thread.join()
    assert outcomes == {"first": None, "bad": "a defect", "good": "stored"}
