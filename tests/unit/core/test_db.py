"""Group commit: many jobs share a commit, and none of them can tell."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from authserver.audit.models import AuditSubject
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Conflict
from tests.support.notes import Queue, adding, kept, notes
from tests.support.parallel import together


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


def test_who_waits_for_a_commit_is_told_once_however_many_of_its_jobs_ask_for_it(
    database: Database,
) -> None:
    told: list[list[int]] = []

    def tell() -> None:
        told.append(kept(database))

    def job(number: int) -> Callable[[Transaction], None]:
        def note(transaction: Transaction) -> None:
            transaction.when_durable(tell)
            adding(number)(transaction)

        return note

    queue = Queue(database)
    for number in range(3):
        queue.send(number, job(number))
    queue.run()
    assert told == [[0, 1, 2]]


def test_a_bell_is_rung_when_what_was_stored_is_there_and_only_then(database: Database) -> None:
    seen: list[list[int]] = []
    database.bells["notes"] = lambda: seen.append(kept(database))

    def note(number: int, *, fails: bool = False) -> Callable[[Transaction], None]:
        def job(transaction: Transaction) -> None:
            adding(number)(transaction)
            transaction.ring("notes")
            transaction.ring("what nobody waits for")
            if fails:
                raise ValueError("a defect")

        return job

    with pytest.raises(ValueError, match="a defect"):
        database.write(note(1, fails=True))
    assert seen == []
    database.write(note(2))
    assert seen == [[2]]


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
