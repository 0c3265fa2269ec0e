"""Every model with every verb, as one tenant: nothing of another is seen or changed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, delete, exists, func, insert, literal, select, text, true, update
from sqlalchemy.orm import aliased

from authserver.core.database.tenancy import (
    IsolationError,
    Platform,
    PlatformSession,
    TenantSession,
)
from authserver.schema import metadata
from tests.isolation.conftest import TwoTenants
from tests.isolation.rows import MODELS, PLATFORM, SCOPED, is_tenant, key_of, new_row

Session = TenantSession
Model = type[Any]

APPEND_ONLY = {"audit_events"}  # the database refuses every DELETE
every_model = pytest.mark.parametrize("name", SCOPED)
every_platform_model = pytest.mark.parametrize("name", PLATFORM)


def tenants_seen(session: Session, statement: Select[Any], owner: str) -> set[str]:
    """Return whose rows a statement gives, by the label of the owner's column."""
    return {row[owner] for row in session.execute(statement).mappings()}


def owner_of(model: Model) -> Any:  # noqa: ANN401  an attribute of the model under test
    return next(getattr(model, c.key) for c in model.__table__.columns if is_tenant(c))


def plain(model: Model) -> Select[Any]:
    return select(owner_of(model).label("owner"))


def by_alias(model: Model) -> Select[Any]:
    return select(owner_of(aliased(model)).label("owner"))


def by_self_join(model: Model) -> Select[Any]:
    other = aliased(model)
    return select(owner_of(other).label("owner")).select_from(model).join(other, true())


def by_join_from_the_tenant(model: Model) -> Select[Any]:
    tenant = aliased(MODELS["tenants"])
    return select(owner_of(model).label("owner")).select_from(tenant).join(model, true())


def by_outer_join(model: Model) -> Select[Any]:
    other = aliased(model)
    joined = select(owner_of(other).label("owner")).select_from(model)
    return joined.outerjoin(other, true())


def by_subquery(model: Model) -> Select[Any]:
    inner = plain(model).subquery()
    return select(inner.c.owner)


def by_subquery_of_the_entity(model: Model) -> Select[Any]:
    inner = aliased(model, select(model).subquery())
    return select(owner_of(inner).label("owner"))


def by_cte(model: Model) -> Select[Any]:
    inner = plain(model).cte()
    return select(inner.c.owner)


def by_in_a_subquery(model: Model) -> Select[Any]:
    other = aliased(model)
    return plain(model).where(owner_of(model).in_(select(owner_of(other))))


def by_or(model: Model) -> Select[Any]:
    return plain(model).where(true() | (owner_of(model) == owner_of(model)))


def for_update(model: Model) -> Select[Any]:
    return plain(model).with_for_update()


READS = [
    plain, by_alias, by_self_join, by_join_from_the_tenant, by_outer_join, by_subquery,
    by_subquery_of_the_entity, by_cte, by_in_a_subquery, by_or,
]  # fmt: skip


@every_model
@pytest.mark.parametrize("read", [*READS, for_update], ids=lambda read: read.__name__)
def test_no_way_to_read_gives_rows_of_another_tenant(
    two: TwoTenants, name: str, read: Callable[[Model], Select[Any]]
) -> None:
    assert tenants_seen(two.session(), read(MODELS[name]), "owner") == {two.ours}


@every_model
def test_objects_are_of_the_own_tenant(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    attribute = owner_of(model).key
    assert {getattr(row, attribute) for row in two.session().scalars(select(model))} == {two.ours}
    assert {getattr(row, attribute) for row in two.session().query(model)} == {two.ours}
    assert two.session().query(model).count() == two.how_many(name)


@every_model
def test_the_key_of_a_foreign_row_finds_nothing(two: TwoTenants, name: str) -> None:
    model, table = MODELS[name], metadata.tables[name]
    key = key_of(table, two.their_rows[name])
    ours = key_of(table, two.our_rows[name])
    if key != ours:
        assert two.session().get(model, key) is None
        assert two.session().get(model, key, with_for_update=True) is None
    assert two.session().get(model, ours) is not None


@every_model
def test_counting_and_asking_whether_there_is_one_tell_nothing(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    foreign = owner_of(model) == two.theirs
    session = two.session()
    assert session.scalar(select(func.count()).select_from(model)) == two.how_many(name)
    assert session.scalar(select(func.count()).select_from(model).where(foreign)) == 0
    tenant = MODELS["tenants"]
    found = session.execute(select(tenant.slug).where(exists().where(foreign))).all()
    assert found == []
    counted = select(func.count(owner_of(model))).where(foreign).scalar_subquery()
    assert session.execute(select(tenant.id, counted)).one()[1] == 0


@every_model
def test_a_union_gives_no_rows_of_another_tenant(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    together = plain(model).union_all(plain(aliased(model)))
    try:
        found = {row[0] for row in two.session().execute(together)}
    except IsolationError:
        return
    assert found == {two.ours}


@every_model
def test_updates_and_deletes_do_not_reach_another_tenant(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    before = two.theirs_now()
    column = harmless(model)
    foreign = owner_of(model) == two.theirs
    session = two.session()
    same = {column.key: column}
    assert session.execute(update(model).values(same)).rowcount == two.how_many(name)
    assert session.execute(update(model).where(foreign).values(same)).rowcount == 0
    assert session.query(model).filter(foreign).update(same, synchronize_session=False) == 0
    if name not in APPEND_ONLY:
        assert session.execute(delete(model).where(foreign)).rowcount == 0
        assert session.query(model).filter(foreign).delete(synchronize_session=False) == 0
    assert two.theirs_now() == before


def harmless(model: Model) -> Any:  # noqa: ANN401  an attribute of the model under test
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
            attempt(session)
            session.flush()
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
            attempt(session, row)
            session.flush()
        session.expunge_all()
    assert two.theirs_now() == before


@every_platform_model
def test_the_installations_tables_are_closed_to_tenants(two: TwoTenants, name: str) -> None:
    model = MODELS[name]
    assert issubclass(model, Platform)
    if model.readable:
        two.session().execute(select(model)).all()
    else:
        for reading in (select(model), select(func.count()).select_from(model)):
            with pytest.raises(IsolationError):
                two.session().execute(reading)
        with pytest.raises(IsolationError):
            two.session().execute(select(MODELS["users"]).join(model, true()))
    for writing in (update(model).values({harmless(model).key: None}), delete(model)):
        with pytest.raises(IsolationError):
            two.session().execute(writing)
    session = two.session()
    session.add(model())
    with pytest.raises(IsolationError):
        session.flush()
    session.expunge_all()


def test_every_table_belongs_to_a_tenant_or_says_that_it_does_not() -> None:
    assert set(metadata.tables) == set(MODELS)
    for name in PLATFORM:
        assert issubclass(MODELS[name], Platform), name
