"""Migrations with rows in the tables, on both databases: nothing is lost, and a way back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from authserver.core.database import migrations
from authserver.core.database.engine import make_engine
from tests.support.databases import postgresql_database

MADE_ANEW = ("audit_events", "refresh_tokens")
PARENTS = {"type": "customer", "tenant_id": "ten", "user_id": "usr", "client_tenant_id": "ten"}
TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": (
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        " ORDER BY tgname"
    ),
}
# Tokens by the hash, with the family, the link to the next one, and when each was made.
CHAINS = [
    (b"1" * 32, "long", "rft_b", 1),
    (b"2" * 32, "long", "rft_c", 2),
    (b"3" * 32, "long", None, 3),
    (b"4" * 32, "short", None, 4),
]
NUMBERED = [
    (b"1" * 32, "long", 0, 1),
    (b"2" * 32, "long", 1, 2),
    (b"3" * 32, "long", 2, 3),
    (b"4" * 32, "short", 0, 4),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine of an empty database of each kind."""
    server = postgresql_database() if request.param == "postgresql" else None
    engine = make_engine(next(server) if server else f"sqlite:///{tmp_path / 'test.db'}")
    yield engine
    engine.dispose()
    if server:
        next(server, None)


def migrate(engine: Engine, how: Callable[..., None], revision: str) -> None:
    with engine.begin() as connection:
        how(migrations.config(connection), revision)


def moment(engine: Engine, number: int) -> Any:
    """A time as the database itself holds it."""
    return number if engine.dialect.name == "sqlite" else datetime(2026, 1, 1, 0, 0, number, 0, UTC)


def add(connection: Connection, table: Table, **given: Any) -> None:
    """Insert a row of the schema as it is; what was not given has any value, or none."""
    row = {column.name: None if column.nullable else usual(column.type) for column in table.columns}
    known = {name: value for name, value in {**PARENTS, **given}.items() if name in row}
    connection.execute(insert(table).values(row | known))


def usual(kind: Any) -> Any:
    values = {
        JSON: [],
        Boolean: False,
        LargeBinary: b"x" * 32,
        String: "any",
        DateTime: datetime.now(UTC),
    }
    return next((value for type_, value in values.items() if isinstance(kind, type_)), 1)


def tables(engine: Engine) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(engine)
    return dict(metadata.tables)


def populate(engine: Engine) -> None:
    """Two families and four events, as the first schema holds them."""
    first = tables(engine)
    with engine.begin() as connection:
        add(connection, first["tenants"], id="ten")
        add(connection, first["users"], id="usr")
        add(connection, first["clients"], id="cli")
        add(connection, first["sessions"], id="ses")
        for family in ("long", "short"):
            owners = {"client_id": "cli", "session_id": "ses"}
            add(connection, first["token_families"], id=family, **owners)
        for number, (token_hash, family, successor, made) in enumerate(CHAINS):
            used_at = None if successor is None else moment(engine, made + 1)
            add(
                connection,
                first["refresh_tokens"],
                # The order of the ids is not the order of the chain.
                id=("rft_d", "rft_b", "rft_c", "rft_a")[number],
                token_hash=token_hash,
                family_id=family,
                successor_id=successor,
                answer=None if used_at is None else b"sealed",
                created_at=moment(engine, made),
                used_at=used_at,
            )
        for number, place in enumerate((1, 2, None, None)):
            event = {"id": f"evt_{number}", "body": bytes([number]), "seq": place}
            if engine.dialect.name == "sqlite":  # where a trigger refuses it from the beginning
                event["seq"] = None
            add(connection, first["audit_events"], **event)
            if event["seq"] != place:
                give = text("UPDATE audit_events SET seq = :seq WHERE id = :id")
                connection.execute(give, {"seq": place, "id": event["id"]})


def rows(engine: Engine, table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = tables(engine)[table]
    wanted = [found.c[name] for name in columns or sorted(found.c.keys())]
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*wanted).order_by(wanted[0]))]


def triggers(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        found = connection.execute(text(TRIGGERS[engine.dialect.name]))
        return [(name, definition) for name, definition in found]


def shape(engine: Engine) -> dict[str, Any]:
    """Everything that the database says of the tables that were made anew."""
    inspector = inspect(engine)
    return {
        name: [
            sorted(str(c["name"]) + str(c["type"]) for c in inspector.get_columns(name)),
            inspector.get_pk_constraint(name),
            sorted(map(str, inspector.get_indexes(name))),
            sorted(map(str, inspector.get_unique_constraints(name))),
            inspector.get_foreign_keys(name),
        ]
        for name in MADE_ANEW
    }


@pytest.fixture
def upgraded(engine: Engine) -> Engine:
    migrate(engine, command.upgrade, "0001")
    populate(engine)
    migrate(engine, command.upgrade, "0002")
    return engine


def test_the_trail_keeps_its_rows_and_its_triggers(engine: Engine) -> None:
    migrate(engine, command.upgrade, "0001")
    populate(engine)
    before = rows(engine, "audit_events"), triggers(engine)
    assert len(before[0]) == 4
    migrate(engine, command.upgrade, "0002")
    assert (rows(engine, "audit_events"), triggers(engine)) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_events SET type = 'other'",
        "UPDATE audit_events SET seq = 7 WHERE id = 'evt_1'",
        "UPDATE audit_events SET seq = 1 WHERE id = 'evt_2'",
        "DELETE FROM audit_events",
        "INSERT INTO audit_events SELECT * FROM audit_events",
    ],
)
def test_the_trail_is_append_only_afterwards(upgraded: Engine, change: str) -> None:
    with pytest.raises(DBAPIError), upgraded.begin() as connection:
        connection.execute(text(change))


def test_an_event_still_gets_its_place_afterwards(upgraded: Engine) -> None:
    with upgraded.begin() as connection:
        connection.execute(text("UPDATE audit_events SET seq = 3 WHERE id = 'evt_2'"))
    assert [row[1] for row in rows(upgraded, "audit_events", "id", "seq")] == [1, 2, 3, None]


def test_the_tokens_of_a_family_are_numbered_along_its_chain(upgraded: Engine) -> None:
    found = rows(upgraded, "refresh_tokens", "token_hash", "family_id", "generation", "created_at")
    wanted = [(*row[:3], moment(upgraded, row[3])) for row in NUMBERED]
    assert [(bytes(token), *more) for token, *more in found] == wanted
    assert {row[1] for row in rows(upgraded, "refresh_tokens", "token_hash", "answer")} == {None}


def test_the_way_back_gives_the_same_schema_and_the_same_chains(engine: Engine) -> None:
    migrate(engine, command.upgrade, "0001")
    populate(engine)
    columns = ("token_hash", "family_id", "created_at", "used_at")
    before = shape(engine), triggers(engine), rows(engine, "audit_events")
    tokens = rows(engine, "refresh_tokens", *columns)
    migrate(engine, command.upgrade, "0002")
    migrate(engine, command.downgrade, "0001")
    assert (shape(engine), triggers(engine), rows(engine, "audit_events")) == before
    assert rows(engine, "refresh_tokens", *columns) == tokens
    linked = rows(engine, "refresh_tokens", "token_hash", "id", "successor_id")
    assert [linked[1][1], linked[2][1], None, None] == [row[2] for row in linked]
    assert len({row[1] for row in linked}) == len(CHAINS)
    migrate(engine, command.upgrade, "0002")
    assert [row[1] for row in rows(engine, "refresh_tokens", "token_hash", "generation")] == [
        generation for _, _, generation, _ in NUMBERED
    ]


@pytest.fixture
def with_presets(upgraded: Engine) -> Engine:
    migrate(upgraded, command.upgrade, "0003")
    return upgraded


def test_tenants_that_are_there_keep_the_passwords_they_asked_for(with_presets: Engine) -> None:
    assert rows(with_presets, "tenants", "id", "password_preset") == [("ten", "classic")]
    assert rows(with_presets, "users", "id") == [("usr",)]


def test_the_database_refuses_a_preset_that_is_none(with_presets: Engine) -> None:
    change = text("UPDATE tenants SET password_preset = 'none'")
    with pytest.raises(DBAPIError), with_presets.begin() as connection:
        connection.execute(change)


def test_the_way_back_from_presets_loses_nothing_else(upgraded: Engine) -> None:
    before = rows(upgraded, "tenants"), rows(upgraded, "users"), triggers(upgraded)
    migrate(upgraded, command.upgrade, "0003")
    migrate(upgraded, command.downgrade, "0002")
    assert (rows(upgraded, "tenants"), rows(upgraded, "users"), triggers(upgraded)) == before
    migrate(upgraded, command.upgrade, "0003")


def test_mails_that_ran_out_of_attempts_are_given_up_and_stay_so_on_the_way_back(
    engine: Engine,
) -> None:
    migrate(engine, command.upgrade, "0002")
    messages = tables(engine)["outbox_messages"]
    with engine.begin() as connection:
        for name, attempts, sent in (("waits", 9, None), ("dead", 10, None), ("left", 10, 1)):
            sent_at = sent and moment(engine, sent)
            add(connection, messages, id=name, attempts=attempts, sent_at=sent_at)
    migrate(engine, command.upgrade, "0005")
    given_up = {name for name, at in rows(engine, "outbox_messages", "id", "failed_at") if at}
    assert given_up == {"dead"}
    with engine.begin() as connection:
        connection.execute(text("UPDATE outbox_messages SET attempts = 1 WHERE id = 'dead'"))
    migrate(engine, command.downgrade, "0002")
    assert dict(rows(engine, "outbox_messages", "id", "attempts")) == {
        "waits": 9,
        "dead": 10,
        "left": 10,
    }
