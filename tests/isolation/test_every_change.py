"""Every model and every way to change: nothing of another tenant is touched, added or moved."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError

from authserver.core.database.tenancy import (
    IsolationError,
    PlatformSession,
    TenantSession,
)
from authserver.schema import metadata
from tests.isolation.conftest import TwoTenants
from tests.isolation.rows import MODELS, PLATFORM, SCOPED, is_tenant, key_of, new_row

Session = TenantSession
Model = type[Any]

# The database refuses every DELETE.
APPEND_ONLY = {"audit_events", "audit_trees", "consent_records", "consent_texts"}
UNCHANGING = {"audit_heads", "audit_nodes"}  # and every UPDATE of these
# SQLite lets an UPDATE pass that changes nothing, and has no rights.
ONLY_READ = {"consent_records", "consent_texts"}
every_model = pytest.mark.parametrize("name", SCOPED)
every_platform_model = pytest.mark.parametrize("name", PLATFORM)


def owner_of(model: Model) -> Any:
    return next(getattr(model, c.key) for c in model.__table__.columns if is_tenant(c))


def and_flush(session: Session, attempt: Callable[..., Any], *arguments: Any) -> None:
    """Try something and send it to the database."""
    attempt(*arguments)
    session.flush()


@every_model
def test_updates_and_deletes_do_not_reach_another_tenant(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    before = two.theirs_now()
    column = harmless(model)
    foreign = owner_of(model) == two.theirs
    session = two.session()
    same = {column.key: column}
    if name in UNCHANGING or (name in ONLY_READ and two.connection.dialect.name == "postgresql"):
        attempt = two.connection.begin_nested()
        with pytest.raises(DBAPIError):
            session.execute(update(model).values(same))
        attempt.rollback()
        assert two.theirs_now() == before
        return
    assert session.execute(update(model).values(same)).rowcount == two.how_many(name)
    assert session.execute(update(model).where(foreign).values(same)).rowcount == 0
    assert session.query(model).filter(foreign).update(same, synchronize_session=False) == 0
    if name not in APPEND_ONLY:
        assert session.execute(delete(model).where(foreign)).rowcount == 0
        assert session.query(model).filter(foreign).delete(synchronize_session=False) == 0
    assert two.theirs_now() == before


def harmless(model: Model) -> Any:
    columns = [c for c in model.__table__.columns if not is_tenant(c)]
    return getattr(model, columns[-1].key)


@every_model
def test_nothing_is_inserted_for_another_tenant(two: TwoTenants, name: str) -> None:
    model, table = MODELS[name], metadata.tables[name]
    before = two.theirs_now()
    row = new_row(table, two.their_rows, two.theirs)
    for attempt in (
        lambda session: session.add(model(**row)),
        lambda session: session.add_all([model(**row)]),
        lambda session: session.merge(model(**row)),
        lambda session: session.execute(insert(model).values(row)),
        lambda session: session.execute(insert(model), [row]),
        lambda session: session.execute(insert(table).values(row)),
        lambda session: session.execute(
            insert(model).from_select(list(row), select(*table.columns))
        ),
    ):
        session = two.session()
        with pytest.raises(IsolationError):
            and_flush(session, attempt, session)
        session.expunge_all()
    assert two.theirs_now() == before


@every_model
def test_no_row_moves_to_another_tenant(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    before = two.theirs_now()
    attribute = owner_of(model).key
    session = two.session()
    row = session.scalars(select(model)).first()
    setattr(row, attribute, two.theirs)
    with pytest.raises(IsolationError):
        session.flush()
    session.expunge_all()
    for statement in (
        update(model).values({attribute: two.theirs}),
        update(model).values({owner_of(model): two.theirs}),
        update(model).ordered_values((owner_of(model), two.theirs)),
    ):
        with pytest.raises(IsolationError):
            two.session().execute(statement)
    with pytest.raises(IsolationError):
        two.session().execute(update(model), {attribute: two.theirs})
    with pytest.raises(IsolationError):
        two.session().query(model).update({attribute: two.theirs})
    assert two.theirs_now() == before


@every_model
def test_bulk_operations_are_refused(two: TwoTenants, name: str) -> None:
    """An UPDATE by primary key with a list of rows passes no criteria."""
    model, table = MODELS[name], metadata.tables[name]
    before = two.theirs_now()
    theirs = dict(two.their_rows[name])
    column = harmless(model).key
    values = {c.key: theirs[c.name] for c in table.primary_key} | {column: theirs[column]}
    session = two.session()
    for attempt in (
        lambda: session.execute(update(model), [values]),
        lambda: session.execute(update(model), values),
        lambda: session.execute(
            update(model), [values], execution_options={"dml_strategy": "bulk"}
        ),
        lambda: session.execute(
            update(model).values({column: theirs[column]}),
            execution_options={"dml_strategy": "core_only"},
        ),
        lambda: session.execute(delete(model), execution_options={"dml_strategy": "core_only"}),
        lambda: session.bulk_save_objects([model(**theirs)]),
        lambda: session.bulk_insert_mappings(model, [theirs]),
        lambda: session.bulk_update_mappings(model, [values]),
    ):
        with pytest.raises(IsolationError):
            attempt()
    assert two.theirs_now() == before


@every_model
def test_what_is_not_an_orm_statement_is_refused(two: TwoTenants, name: str) -> None:
    model, table = MODELS[name], metadata.tables[name]
    session = two.session()
    for statement in (
        text(f"SELECT * FROM {name}"),  # noqa: S608  names of our own tables
        text(f"DELETE FROM {name}"),  # noqa: S608  the same
        select(table),
        select(literal(1)).select_from(table),
        delete(table),
        update(table).values({harmless(model).key: None}),
        select(model).from_statement(text(f"SELECT * FROM {name}")),  # noqa: S608  the same
        select(model).from_statement(select(table)),
    ):
        with pytest.raises(IsolationError):
            session.execute(statement)
    with pytest.raises(IsolationError):
        session.connection()
    with pytest.raises(IsolationError):
        session.commit()


@every_model
def test_an_object_of_another_tenant_cannot_be_brought_in(two: TwoTenants, name: str) -> None:
    """Loaded by the platform's session, handed to a tenant's."""
    model, table = MODELS[name], metadata.tables[name]
    before = two.theirs_now()
    key = key_of(table, two.their_rows[name])
    for attempt in (
        lambda session, row: session.delete(row),
        lambda session, row: setattr(row, harmless(model).key, None) or session.add(row),
        lambda session, row: session.add(row) or session.refresh(row),
        lambda session, row: session.merge(row),
    ):
        platform = PlatformSession(two.connection)
        row = platform.get(model, key)
        platform.expunge(row)
        session = two.session()
        with pytest.raises(IsolationError):
            and_flush(session, attempt, session, row)
        session.expunge_all()
    assert two.theirs_now() == before
