"""The second wall: what PostgreSQL itself shows and takes, to the role that the server works as.

The first wall is never asked here: bare statements. test_walls_of_sessions.py takes it away.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Table, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from authserver.core.database.wall import access, missing
from authserver.core.database.wall.scope import SETTING
from authserver.schema import metadata
from tests.isolation.rows import MODELS, PLATFORM, SCOPED, Rows, is_tenant, new_row
from tests.isolation.test_every_change import APPEND_ONLY
from tests.support.databases import as_owner
from tests.support.world import World

pytestmark = pytest.mark.parametrize("installation", ["postgresql"], indirect=True, scope="package")

NOBODY, EVERYBODY = "", "*"
READABLE = {name for name in PLATFORM if MODELS[name].readable}
REFUSED = ("row-level security", "permission denied")


@pytest.fixture
def bare(installation: World) -> Iterator[Connection]:
    """A connection of the server's role that has said nothing yet."""
    engine = create_engine(installation.services.database.engine.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def say(connection: Connection, whose: str) -> None:
    connection.execute(
        text("SELECT set_config(:name, :whose, true)"), {"name": SETTING, "whose": whose}
    )


def owner_column(table: Table) -> Any:
    return next(column for column in table.columns if is_tenant(column))


def owners_seen(connection: Connection) -> dict[str, set[str]]:
    """Return whose rows a connection is shown, table by table."""
    return {
        name: set(connection.scalars(select(owner_column(metadata.tables[name]))))
        for name in SCOPED
    }


def refusal(connection: Connection, statement: Any) -> str:
    """Return why the database refuses a statement; empty where it does not."""
    attempt = connection.begin_nested()
    try:
        connection.execute(statement)
    except DBAPIError as error:
        return str(error.orig)
    finally:
        attempt.rollback()
    return ""


def is_refused(connection: Connection, statement: Any) -> bool:
    return any(word in refusal(connection, statement) for word in REFUSED)


def test_every_table_has_the_policies_that_its_model_asks_for(bare: Connection) -> None:
    assert missing.holes(bare) == []


def test_the_role_is_bound_by_them_and_owns_nothing(bare: Connection) -> None:
    assert access.holds(bare)
    mine = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    assert bare.scalar(text(mine)) == 0


@pytest.mark.usefixtures("tenants")
def test_who_says_nothing_is_shown_nothing(bare: Connection) -> None:
    for said in (None, NOBODY, "ten_unknown"):
        if said is not None:
            say(bare, said)
        assert {name for name, seen in owners_seen(bare).items() if seen} == set()
        for name in set(PLATFORM) - READABLE:
            assert bare.execute(select(metadata.tables[name])).all() == [], name


def test_a_tenant_is_shown_its_own_rows_of_every_table(
    bare: Connection, tenants: tuple[Rows, Rows]
) -> None:
    ours = tenants[0]["tenants"]["id"]
    say(bare, ours)
    assert owners_seen(bare) == {name: {ours} for name in SCOPED}
    for name in set(PLATFORM) - READABLE:
        assert bare.execute(select(metadata.tables[name])).all() == [], name
    for name in READABLE:
        assert bare.execute(select(metadata.tables[name])).all() != [], name


def test_the_platform_is_shown_everything(bare: Connection, tenants: tuple[Rows, Rows]) -> None:
    say(bare, EVERYBODY)
    both = {rows["tenants"]["id"] for rows in tenants}
    assert [name for name, seen in owners_seen(bare).items() if not both <= seen] == []


def test_a_tenant_changes_and_deletes_nothing_of_another(
    bare: Connection, tenants: tuple[Rows, Rows]
) -> None:
    ours, theirs = (rows["tenants"]["id"] for rows in tenants)
    say(bare, ours)
    for name in SCOPED:
        table = metadata.tables[name]
        owner = owner_column(table)
        for change in (update(table).values({owner.key: theirs}), delete(table)):
            attempt = bare.begin_nested()
            try:
                assert bare.execute(change.where(owner == theirs)).rowcount == 0, name
            except DBAPIError as error:  # the trail may not be deleted from at all
                assert "permission denied" in str(error.orig), name  # noqa: PT017
            attempt.rollback()


def test_no_row_is_made_for_another_tenant_nor_moved_to_it(
    bare: Connection, tenants: tuple[Rows, Rows]
) -> None:
    (our_rows, their_rows) = tenants
    ours, theirs = our_rows["tenants"]["id"], their_rows["tenants"]["id"]
    say(bare, ours)
    for name in SCOPED:
        table = metadata.tables[name]
        owner = owner_column(table)
        row = new_row(table, their_rows, theirs)
        assert "row-level security" in refusal(bare, insert(table).values(row)), name
        moved = update(table).values({owner.key: theirs}).where(owner == ours)
        # A trigger of what is only added to may be asked before the policy.
        assert name in APPEND_ONLY or is_refused(bare, moved), name


def test_the_platforms_tables_take_nothing_from_a_tenant(
    bare: Connection, tenants: tuple[Rows, Rows]
) -> None:
    say(bare, tenants[0]["tenants"]["id"])
    for name in PLATFORM:
        table = metadata.tables[name]
        row = new_row(table, tenants[0], tenants[0]["tenants"]["id"])
        assert is_refused(bare, insert(table).values(row)), name
        column = [*table.columns][-1]
        for change in (update(table).values({column.key: column}), delete(table)):
            why = refusal(bare, change)
            assert not why or "permission denied" in why, name
            attempt = bare.begin_nested()
            assert why or bare.execute(change).rowcount == 0, name
            attempt.rollback()


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON users",
        "CREATE POLICY more ON users USING (true)",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "ALTER TABLE users OWNER TO CURRENT_USER",
        "TRUNCATE users CASCADE",
        "TRUNCATE audit_events",
        "DELETE FROM audit_events",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "UPDATE builtin_roles SET permissions = '[]'",
        "UPDATE alembic_version SET version_num = '0001'",
        "GRANT ALL ON users TO PUBLIC",
        "CREATE FUNCTION pg_catalog.see() RETURNS SETOF users LANGUAGE sql AS 'TABLE users'",
    ],
)
def test_the_role_cannot_take_a_wall_down(bare: Connection, change: str) -> None:
    if change.startswith("GRANT"):  # a warning, and nothing granted
        bare.exec_driver_sql(change)
        granted = (
            "SELECT count(*) FROM information_schema.role_table_grants"
            " WHERE grantee = 'PUBLIC' AND table_name = 'users'"
        )
        assert bare.scalar(text(granted)) == 0
        return
    with pytest.raises(ProgrammingError, match=r"permission denied|must be|cannot"):
        bare.exec_driver_sql(change)


def test_row_security_switched_off_is_an_error_and_not_a_way_round(bare: Connection) -> None:
    bare.exec_driver_sql("SET row_security = off")
    with pytest.raises(ProgrammingError, match="row-level security"):
        bare.execute(select(metadata.tables["users"]))


def test_a_hole_is_told(installation: World) -> None:
    engine = create_engine(as_owner(str(installation.services.database.engine.url)))
    with engine.connect() as connection:
        for change in (
            "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
            "DROP POLICY tenant ON clients",
            "CREATE POLICY more ON sessions USING (true)",
        ):
            connection.exec_driver_sql(change)
        told = missing.holes(connection)
        connection.rollback()
    engine.dispose()
    assert [re.split(" ", hole)[0] for hole in told] == ["clients", "sessions", "users"]
