"""Every model with every verb, as one tenant: nothing of another is seen or changed."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, delete, exists, func, select, true, update
from sqlalchemy.orm import aliased

from authserver.core.database.tenancy import (
    IsolationError,
    Platform,
    TenantSession,
)
from authserver.schema import metadata
from tests.isolation.conftest import TwoTenants
from tests.isolation.rows import MODELS, PLATFORM, SCOPED, is_tenant, key_of
from tests.support.rows import each

Session = TenantSession
Model = type[Any]

# Who may not change a row may not lock it.
UNCHANGING = {"audit_heads", "audit_nodes", "consent_records", "consent_texts"}
every_model = each(name=SCOPED)
every_platform_model = each(name=PLATFORM)


def tenants_seen(session: Session, statement: Select[Any], owner: str) -> set[str]:
    """Return whose rows a statement gives, by the label of the owner's column."""
    return {row[owner] for row in session.execute(statement).mappings()}


def owner_of(model: Model) -> Any:
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


@pytest.mark.parametrize("read", [*READS, for_update], ids=lambda read: read.__name__)
@every_model
def test_no_way_to_read_gives_rows_of_another_tenant(
    two: TwoTenants, name: str, read: Callable[[Model], Select[Any]]
) -> None:
    possible = plain if read is for_update and name in UNCHANGING else read
    assert tenants_seen(two.session(), possible(MODELS[name]), "owner") == {two.ours}


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
        locked = name not in UNCHANGING
        assert two.session().get(model, key, with_for_update=locked) is None
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


def harmless(model: Model) -> Any:
    columns = [c for c in model.__table__.columns if not is_tenant(c)]
    return getattr(model, columns[-1].key)


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
