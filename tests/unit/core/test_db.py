"""Group commit: many jobs share a commit, and none of them can tell."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Integer, String, column, create_engine, delete, insert, select, table, text

from authserver.audit.models import AuditSubject
from authserver.core.database.engine import Database, Transaction, make_engine
from authserver.core.problems import Conflict, Problem, Unavailable
from tests.conftest import postgresql_database
from tests.support.parallel import together

notes = table("notes", column("id", Integer), column("text", String))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with one small table, on both kinds."""
    if request.param == "sqlite":
        yield from _with_table(f"sqlite:///{tmp_path / 'test.db'}")
        return
    server = postgresql_database()
    yield from _with_table(next(server))
    next(server, None)


def _with_table(url: str) -> Iterator[Database]:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)"))
    yield Database(engine)
    engine.dispose()


def adding(number: int, words: str = "") -> Callable[[Transaction], int]:
    def job(transaction: Transaction) -> int:
        transaction.connection.execute(insert(notes).values(id=number, text=words))
        return number

    return job


def kept(database: Database) -> list[int]:
    with database.read() as view:
        return list(view.connection.execute(select(notes.c.id).order_by(notes.c.id)).scalars())


class Queue:
    """Holds the writer, so that jobs sent meanwhile share the next commit, in this order."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.outcomes: dict[int, object] = {}
        self._threads: list[threading.Thread] = []
        self._release = threading.Event()
        holding = threading.Event()

        def hold(_transaction: Transaction) -> None:
            holding.set()
            self._release.wait()

        self._send(-1, hold)
        holding.wait()

    def send(self, number: int, job: Callable[[Transaction], object]) -> None:
        before = len(self.database._queue)  # noqa: SLF001  the only way to know that it waits
        self._send(number, job)
        while len(self.database._queue) == before:  # noqa: SLF001
            pass

    def run(self) -> dict[int, object]:
        self._release.set()
        for thread in self._threads:
            thread.join()
        return self.outcomes

    def _send(self, number: int, job: Callable[[Transaction], object]) -> None:
        def write() -> None:
            try:
                self.outcomes[number] = self.database.write(job)
            except BaseException as error:  # noqa: BLE001  it is the outcome
                self.outcomes[number] = error

        thread = threading.Thread(target=write)
        self._threads.append(thread)
        thread.start()


def test_a_write_returns_what_the_job_gave_and_is_durable(database: Database) -> None:
    assert database.write(adding(1)) == 1
    assert kept(database) == [1]


def test_jobs_that_wait_together_share_one_commit_in_the_order_they_came(
    database: Database,
) -> None:
    connections, order = set(), []

    def job(number: int) -> Callable[[Transaction], None]:
        def note(transaction: Transaction) -> None:
            connections.add(id(transaction.connection))
            order.append(number)
            adding(number)(transaction)

        return note

    queue = Queue(database)
    for number in range(20):
        queue.send(number, job(number))
    queue.run()
    assert order == list(range(20))
    assert len(connections) == 1
    assert kept(database) == list(range(20))


def test_a_later_job_of_a_commit_sees_what_an_earlier_one_wrote(database: Database) -> None:
    seen = []
    queue = Queue(database)
    queue.send(1, adding(1))
    queue.send(2, lambda tx: seen.extend(tx.connection.execute(select(notes.c.id)).scalars()))
    queue.run()
    assert seen == [1]


def test_a_problem_is_raised_and_what_the_job_wrote_before_it_stays(database: Database) -> None:
    def refuse(transaction: Transaction) -> None:
        adding(1)(transaction)
        raise Conflict("no")

    with pytest.raises(Conflict):
        database.write(refuse)
    assert kept(database) == [1]


def test_any_other_exception_rolls_the_job_back(database: Database) -> None:
    def fail(transaction: Transaction) -> None:
        adding(1)(transaction)
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        database.write(fail)
    assert kept(database) == []


def test_a_failing_job_rolls_back_alone_and_the_others_run_again(database: Database) -> None:
    runs = []

    def good(transaction: Transaction) -> int:
        runs.append("good")
        return adding(1)(transaction)

    def refused(transaction: Transaction) -> None:
        adding(2)(transaction)
        raise Conflict("no")

    def defect(transaction: Transaction) -> None:
        adding(3)(transaction)
        raise ValueError("a defect")

    queue = Queue(database)
    queue.send(0, good)
    queue.send(1, refused)
    queue.send(2, defect)
    queue.send(3, adding(1))  # breaks the primary key, in the database
    queue.send(4, adding(4))
    outcomes = queue.run()
    assert outcomes[0] == 1
    assert isinstance(outcomes[1], Conflict)
    assert isinstance(outcomes[2], ValueError)
    assert "IntegrityError" in type(outcomes[3]).__name__
    assert outcomes[4] == 4
    assert kept(database) == [1, 2, 4]
    assert runs == ["good", "good"]


def test_two_hundred_threads_lose_nothing(database: Database) -> None:
    assert together(200, lambda number: database.write(adding(number))) == list(range(200))
    assert kept(database) == list(range(200))


def test_rows_for_the_end_of_a_commit_share_its_fate(database: Database) -> None:
    subjects = AuditSubject.__table__
    with database.engine.begin() as connection:
        subjects.create(connection)

    def late(ref: str, *, fails: bool) -> Callable[[Transaction], None]:
        row = {
            "ref": ref,
            "tenant_id": "ten_1",
            "principal_id": ref,
            "wrapped_key": b"",
            "created_at": datetime.now(UTC),
        }

        def job(transaction: Transaction) -> None:
            transaction.insert_at_commit(insert(subjects), row)
            if fails:
                raise ValueError("a defect")

        return job

    queue = Queue(database)
    queue.send(1, late("one", fails=False))
    queue.send(2, late("two", fails=True))
    queue.run()
    with database.read() as view:
        assert view.connection.execute(select(subjects.c.ref)).scalars().all() == ["one"]


def test_a_look_up_is_made_once_for_all_jobs_of_a_commit(database: Database) -> None:
    looks: list[int] = []

    def job(transaction: Transaction) -> None:
        transaction.look_up("key", lambda: looks.append(1))

    queue = Queue(database)
    for number in range(5):
        queue.send(number, job)
    queue.run()
    assert len(looks) == 1
    database.write(job)
    assert len(looks) == 2


def test_a_database_that_is_down_is_unavailable_to_everybody_who_waits(tmp_path: Path) -> None:
    database = Database(make_engine(f"sqlite:///{tmp_path}/nowhere/test.db"))

    def attempt(number: int) -> Problem:
        with pytest.raises(Unavailable) as raised:
            database.write(adding(number))
        return raised.value

    problems = together(20, attempt)
    assert {problem.headers["Retry-After"] for problem in problems} == {"1"}
    assert {problem.description for problem in problems} == {"Temporarily unavailable"}
    with pytest.raises(Unavailable), database.read() as view:
        view.connection.execute(select(notes.c.id))


def test_a_lock_that_is_never_given_is_unavailable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    engine = create_engine(url, connect_args={"timeout": 0})
    database = next(_with_table(url))
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        impatient = Database(_impatient(url))
        with pytest.raises(Unavailable):
            impatient.write(adding(1))
        impatient.engine.dispose()
    impatient_again = database.write(adding(2))
    assert impatient_again == 2
    engine.dispose()
    database.engine.dispose()


def _impatient(url: str) -> object:
    engine = make_engine(url)
    # What a writer waits for another is five seconds; a test does not.
    from sqlalchemy import event  # noqa: PLC0415  next to its only use

    event.listen(engine, "connect", lambda c, _r: c.execute("PRAGMA busy_timeout=0"))
    return engine


def test_a_deadlock_or_serialization_failure_is_tried_again(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer: there is nothing to conflict with")
    for state in ("40001", "40P01"):
        tries = []

        def job(transaction: Transaction, state: str = state, tries: list[int] = tries) -> str:
            tries.append(1)
            if len(tries) < 3:
                transaction.connection.execute(text(_raising(state)))
            return "done"

        assert database.write(job) == "done"
        assert len(tries) >= 3


def test_a_conflict_that_stays_ends_after_bounded_tries(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer: there is nothing to conflict with")
    tries = []

    def job(transaction: Transaction) -> None:
        tries.append(1)
        transaction.connection.execute(text(_raising("40P01")))

    with pytest.raises(Unavailable):
        database.write(job)
    assert len(tries) <= 5


def test_two_processes_that_deadlock_both_get_their_way(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer: there is nothing to conflict with")
    database.write(lambda tx: [adding(number)(tx) for number in (1, 2)])
    other = Database(make_engine(database.engine.url))
    met = threading.Barrier(2)

    def crossing(first: int, second: int) -> Callable[[Transaction], None]:
        ran = []

        def job(transaction: Transaction) -> None:
            lock = "UPDATE notes SET text = text || 'x' WHERE id = :id"
            transaction.connection.execute(text(lock), {"id": first})
            if not ran:
                ran.append(1)
                met.wait(10)
            transaction.connection.execute(text(lock), {"id": second})

        return job

    together(2, lambda n: (database, other)[n].write(crossing(*((1, 2), (2, 1))[n])))
    with database.read() as view:
        assert set(view.connection.execute(select(notes.c.text)).scalars()) == {"xx"}
    other.engine.dispose()


def _raising(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '{state}'; END $$"


def test_a_writer_that_is_ended_acknowledges_nothing_of_what_waited_with_it(
    database: Database,
) -> None:
    def ends(_transaction: Transaction) -> None:
        raise SystemExit

    queue = Queue(database)
    queue.send(1, adding(1))
    queue.send(2, ends)
    queue.send(3, adding(3))
    outcomes = queue.run()
    acknowledged = [number for number in (1, 3) if outcomes.get(number) == number]
    assert acknowledged == []
    assert kept(database) == []
    assert database.write(adding(4)) == 4


def test_a_reader_sees_what_was_just_committed_and_is_never_kept_out(database: Database) -> None:
    with database.read() as view:
        assert view.connection.execute(select(notes.c.id)).all() == []
        database.write(adding(1))
        assert view.connection.execute(select(notes.c.id)).scalars().all() == [1]


def test_a_reader_leaves_no_transaction_behind(database: Database) -> None:
    with database.read() as view:
        view.connection.execute(select(notes.c.id)).all()
    database.write(lambda tx: tx.connection.execute(delete(notes)))
    assert kept(database) == []
