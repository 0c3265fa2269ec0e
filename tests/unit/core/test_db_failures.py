"""When the database is down, busy or in conflict: 503, or another try, and nothing half-done."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, select, text

from authserver.core.database.engine import Database, Transaction, engine_options, make_engine
from authserver.core.problems import Problem, Unavailable
from tests.support.notes import Queue, adding, kept, notes, with_table
from tests.support.parallel import together


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
    database = next(with_table(url))
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        impatient = Database(_impatient(url))
        with pytest.raises(Unavailable):
            impatient.write(adding(1))
        impatient.close()
    impatient_again = database.write(adding(2))
    assert impatient_again == 2
    engine.dispose()
    database.close()


def test_who_gets_no_connection_is_told_to_come_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    engine = create_engine(url, **engine_options(url) | {"pool_size": 1, "pool_timeout": 0})
    database = Database(engine)
    with database.read() as view, pytest.raises(Unavailable) as refused, database.read():
        view.connection.execute(text("SELECT 1"))
    assert "connection" in str(refused.value.detail)
    with database.read() as view:
        assert view.connection.execute(text("SELECT 1")).scalar() == 1
    database.close()


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
    other.close()


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
