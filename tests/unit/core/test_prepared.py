"""Prepared statements: the same answers as SQLAlchemy's own execution, on both databases."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, ProgrammingError

from authserver.core.database import prepared
from authserver.core.database.engine import Database, Transaction
from authserver.core.database.types import Document, UtcTime
from authserver.core.problems import Unavailable

things = Table(
    "prepared_things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(40), unique=True),
    Column("words", Document),
    Column("at", UtcTime),
    Column("raw", LargeBinary),
    Column("good", Boolean),
    Column("count", Integer, default=7),
)
INSERT = insert(things)
FIND = select(
    things, (things.c.good & (things.c.at < bindparam("now", type_=UtcTime()))).label("live")
).where(things.c.name == bindparam("wanted"))
ALL = select(things.c.id).where(things.c.id >= 1).order_by(things.c.id)
RENAME = (
    update(things)
    .where(things.c.id == bindparam("thing"), things.c.name != "kept")
    .values(name=bindparam("new"))
)
EMPTY = delete(things)
COPY = insert(things).from_select(
    ["id", "name", "count"],
    select(bindparam("new_id", type_=Integer), bindparam("new", type_=String), things.c.count)
    .where(things.c.id == bindparam("thing"))
    .suffix_with("ON CONFLICT (name) DO NOTHING"),
    include_defaults=False,
)
NOW = datetime(2026, 11, 25, 12, 30, 15, 123456, UTC)


def thing(number: int, **more: Any) -> dict[str, Any]:
    usual = {"id": number, "name": f"thing {number}", "words": ["é", "b"], "at": NOW}
    return {**usual, "raw": b"\x00\xff", "good": True, "count": 1, **more}


@pytest.fixture(autouse=True)
def table(database: Database) -> None:
    def make(transaction: Transaction) -> None:
        things.metadata.create_all(transaction.connection)
        transaction.change(EMPTY, {})

    database.write(make)


def stored(*rows: dict[str, Any]) -> Callable[[Transaction], None]:
    def job(transaction: Transaction) -> None:
        connection = transaction.connection
        prepared.prepared(INSERT, connection, rows[0]).insert_many(connection, rows)

    return job


def test_values_come_back_as_the_types_of_their_columns(database: Database) -> None:
    empty = {"words": None, "at": None, "raw": None, "good": None}
    database.write(stored(thing(1), thing(2, **empty)))
    wanted = {"wanted": "thing 1", "now": NOW.replace(year=2027)}
    with database.read() as view:
        found = view.row(FIND, wanted)
        usual = view.connection.execute(FIND, wanted).mappings().one()
        other = view.row(FIND, wanted | {"wanted": "thing 2"})
    assert found == dict(usual)
    assert found == thing(1) | {"live": True}
    assert other == thing(2, **empty) | {"live": None}


def test_a_row_that_is_not_there_is_none_and_no_rows_are_an_empty_list(database: Database) -> None:
    with database.read() as view:
        assert view.row(FIND, {"wanted": "nothing", "now": NOW}) is None
        assert view.rows(ALL, {}) == []


def test_a_change_tells_how_many_rows_it_concerned(database: Database) -> None:
    database.write(stored(thing(1), thing(2, name="kept")))
    counts = database.write(
        lambda tx: [tx.change(RENAME, {"thing": n, "new": f"new {n}"}) for n in (1, 2, 3)]
    )
    assert counts == [1, 0, 0]
    with database.read() as view:
        assert [row["id"] for row in view.rows(ALL, {})] == [1, 2]


def test_an_insert_of_what_a_query_finds_tells_how_many_rows_it_made(database: Database) -> None:
    database.write(stored(thing(1)))
    wanted = [
        {"new_id": 2, "new": "a copy", "thing": 1},
        {"new_id": 3, "new": "a copy", "thing": 1},
        {"new_id": 4, "new": "a copy of nothing", "thing": 9},
    ]
    assert database.write(lambda tx: [tx.change(COPY, values) for values in wanted]) == [1, 0, 0]
    with database.read() as view:
        assert [row["id"] for row in view.rows(ALL, {})] == [1, 2]


def test_the_same_statement_takes_rows_with_different_columns(database: Database) -> None:
    database.write(stored(thing(1)))
    database.write(stored({"id": 2, "name": "thing 2", "good": False, "count": 2}))
    with database.read() as view:
        found = view.row(FIND, {"wanted": "thing 2", "now": NOW})
    assert found is not None
    assert (found["good"], found["words"]) == (False, None)


def test_a_value_that_is_missing_is_a_defect_and_changes_nothing(database: Database) -> None:
    with pytest.raises(KeyError):
        database.write(lambda tx: (stored(thing(1))(tx), tx.change(RENAME, {"thing": 1})))
    with database.read() as view:
        assert view.rows(ALL, {}) == []


def test_a_default_that_only_python_knows_is_refused(database: Database) -> None:
    with pytest.raises(TypeError, match="made at each execution"):
        database.write(stored({"id": 1, "name": "without a count"}))


def test_a_naive_time_is_refused(database: Database) -> None:
    with database.read() as view, pytest.raises(ValueError, match="naive"):
        view.row(FIND, {"wanted": "x", "now": NOW.replace(tzinfo=None)})


def test_a_broken_constraint_is_sqlalchemys_error_and_shows_no_values(database: Database) -> None:
    database.write(stored(thing(1, name="a secret")))
    with pytest.raises(IntegrityError) as caught:
        database.write(stored(thing(2, name="a secret")))
    assert "a secret" not in str(caught.value).partition("DETAIL")[0]
    with database.read() as view:
        assert [row["id"] for row in view.rows(ALL, {})] == [1]


def test_a_reader_survives_a_statement_that_failed(database: Database) -> None:
    broken = select(Table("no_such_table", MetaData(), Column("id", Integer)))
    with pytest.raises((ProgrammingError, Unavailable)), database.read() as view:
        view.rows(broken, {})
    with database.read() as view:
        assert view.rows(ALL, {}) == []


def test_a_connection_that_the_server_ended_is_unavailable_once_and_then_replaced(
    database: Database,
) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no server that could end a connection")

    def look_while_the_server_ends_it() -> None:
        with database.read() as view:
            pid = view.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with database.engine.connect() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            view.rows(ALL, {})

    with pytest.raises(Unavailable):
        look_while_the_server_ends_it()
    with database.read() as view:
        assert view.rows(ALL, {}) == []


def test_threads_that_meet_a_statement_first_all_get_the_answer(database: Database) -> None:
    database.write(stored(thing(1)))
    first = select(things.c.name).where(things.c.id == bindparam("thing"))
    answers: list[Any] = []

    def look() -> None:
        with database.read() as view:
            answers.append(view.row(first, {"thing": 1}))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [{"name": "thing 1"}] * 8


def test_a_watcher_hears_of_each_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(prepared, "watchers", [seen.append])
    database.write(stored(thing(1), thing(2)))
    assert [text.split()[0] for text in seen] == ["INSERT"]
