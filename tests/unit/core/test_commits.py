"""Whose turn it is to commit: everybody is served once, and nobody serves others for long."""

import signal
import threading
from collections.abc import Callable, Sequence

import pytest

from authserver.core.database.commits import GroupCommit, Stored, Ticket, do, only

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

    def run(self, job: Job) -> object:
        return self.turns.run(only(job))

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

    threads = [started(lambda: committer.run(hold))]
    held.wait()
    for number in range(1, 4):
        threads.append(started(lambda: committer.run(lambda: None)))
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
            answer = committer.run(lambda mine=mine: (ran.append(mine), mine)[1])
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
        committer.run(end)
    assert committer.run(lambda: "next") == "next"


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
        if not release.is_set():
            release.set()
            raise Interrupted

    def signal_the_main_thread() -> None:
        while committer.waiting() == 0:
            pass
        # A signal that comes just before a thread falls asleep is only seen when it wakes.
        while not release.wait(0.01):
            signal.pthread_kill(main, signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    ran: list[str] = []
    threads = [started(lambda: committer.run(hold))]
    held.wait()
    threads.append(started(signal_the_main_thread))
    try:
        with pytest.raises(Interrupted):
            committer.run(lambda: ran.append("mine"))
    finally:
        for thread in threads:
            thread.join()
        signal.signal(signal.SIGUSR1, before)
    assert ran == ["mine"]
    assert committer.run(lambda: "next") == "next"


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
            outcomes[name] = committer.run(job)
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


def test_a_work_goes_on_with_what_each_of_its_jobs_gave() -> None:
    committer = Committer()

    async def work() -> str:
        first = await Stored[Job](lambda: "a")
        return first + await Stored[Job](lambda: "b")

    assert committer.turns.run(work()) == "ab"
    assert do(work(), lambda job: job()) == "ab"
    assert [size for _, size in committer.groups] == [1, 1]


def test_a_work_may_answer_the_failure_of_its_job() -> None:
    committer = Committer()

    def fail() -> None:
        raise ValueError("a defect")

    async def work() -> str:
        try:
            await Stored[Job](fail)
        except ValueError:
            return "answered"
        return "stored"

    assert committer.turns.run(work()) == "answered"
    assert do(work(), lambda job: job()) == "answered"


async def numbered(number: int) -> int:
    """Store twice, and fail for 2."""
    if number == 2:
        raise ValueError("this one stores nothing")
    await Stored[Job](lambda: None)
    return number + int(await Stored[Job](lambda: 10))


def test_works_that_wait_together_share_each_of_their_commits() -> None:
    committer, held, release = Committer(), threading.Event(), threading.Event()
    answers: list[object] = []

    def hold() -> None:
        held.set()
        release.wait()

    def run(number: int) -> None:
        try:
            answers.append(committer.turns.run(numbered(number)))
        except ValueError as error:
            answers.append(str(error))

    threads = [started(lambda: committer.run(hold))]
    held.wait()
    for number in (1, 2, 3):
        threads.append(started(lambda number=number: run(number)))
        while committer.waiting() < number:
            pass
    release.set()
    for thread in threads:
        thread.join()
    assert sorted(map(str, answers)) == ["11", "13", "this one stores nothing"]
    assert [size for _, size in committer.groups] == [1, 2, 2]


def test_a_work_that_would_wait_for_itself_is_refused() -> None:
    committer = Committer()

    async def work() -> None:
        committer.run(lambda: None)

    with pytest.raises(RuntimeError, match="wait for itself"):
        committer.turns.run(work())
    assert committer.run(lambda: "next") == "next"
