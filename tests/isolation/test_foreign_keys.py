"""The database itself refuses a row of one tenant that refers to a row of another."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, ForeignKeyConstraint, delete, insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from authserver.schema import metadata
from tests.isolation.conftest import TwoTenants
from tests.isolation.rows import SCOPED, is_tenant, new_row

# A guest account refers to the account at home, which is in another tenant by its nature.
ACROSS_ON_PURPOSE = {"users.home_user_id"}
# A row may name the tenant itself, and what belongs to nobody.
NOT_OF_A_TENANT = {"tenants", "builtin_roles"}
WORDS = ("foreign key", "not null", "not-null", "check constraint")


def composite() -> Iterator[ForeignKeyConstraint]:
    for name in SCOPED:
        for constraint in sorted(
            metadata.tables[name].foreign_key_constraints, key=lambda c: c.name
        ):
            if len(constraint.elements) > 1:
                yield constraint


CONSTRAINTS = list(composite())


def refused(connection: Connection, table: str, row: dict[str, object]) -> bool:
    """Try to insert and say whether a key or what goes with it refused; nothing stays."""
    attempt = connection.begin_nested()
    try:
        connection.execute(insert(metadata.tables[table]).values(row))
    except IntegrityError as error:
        return any(word in str(error).lower() for word in WORDS)
    finally:
        attempt.rollback()
    return False


def make_room(two: TwoTenants, table: str) -> None:
    """Take the rows out where nothing refers to them, and where somebody may: not of a record."""
    attempt = two.connection.begin_nested()
    own = metadata.tables[table]
    try:
        of_both = own.c.tenant_id.in_([two.ours, two.theirs])
        two.connection.execute(delete(own).where(of_both))
    except DBAPIError:
        attempt.rollback()


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda c: c.name)
def test_a_reference_into_another_tenant_is_refused(
    two: TwoTenants, constraint: ForeignKeyConstraint
) -> None:
    name = constraint.table.name
    row = new_row(constraint.table, two.our_rows, two.ours)
    make_room(two, name)
    assert not refused(two.connection, name, row), "the row itself would be fine"
    tenant_columns = [e.parent.name for e in constraint.elements if is_tenant(e.column)]
    assert tenant_columns, "the key of a parent contains its tenant"
    for element in constraint.elements:
        parent = element.column
        theirs = two.their_rows[parent.table.name][parent.name]
        assert refused(two.connection, name, {**row, element.parent.name: theirs})


def test_every_reference_between_tenants_rows_contains_the_tenant() -> None:
    bare = {
        f"{name}.{element.parent.name}"
        for name in SCOPED
        for constraint in sorted(
            metadata.tables[name].foreign_key_constraints, key=lambda c: c.name
        )
        if len(constraint.elements) == 1
        for element in constraint.elements
        if element.column.table.name not in NOT_OF_A_TENANT
    }
    assert bare == ACROSS_ON_PURPOSE


def test_a_row_of_no_tenant_is_refused(two: TwoTenants) -> None:
    for constraint in CONSTRAINTS:
        row = new_row(constraint.table, two.our_rows, two.ours)
        make_room(two, constraint.table.name)
        tenant = next(c.name for c in constraint.table.columns if is_tenant(c))
        for nobody in (None, "ten_nobody"):
            assert refused(two.connection, constraint.table.name, {**row, tenant: nobody})
