"""One row of every table for each of two tenants, made from the tables' own description.

A new model is covered without a line here; what needs a special value fails loudly.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    literal_column,
    select,
)

from authserver.core.database.tenancy import Base, TenantItself, TenantScoped
from authserver.core.database.types import UtcTime
from authserver.core.ids import new_id
from authserver.schema import metadata

Row = dict[str, Any]
Rows = dict[str, Row]

MODELS = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
SCOPED = sorted(n for n, m in MODELS.items() if issubclass(m, TenantScoped | TenantItself))
PLATFORM = sorted(set(MODELS) - set(SCOPED))
SHARED = {"builtin_roles": {"name": "customer_viewer"}}
# What a check of the database asks for.
SPECIAL = {"role_assignments": {"role": "a-tenant/its-role"}}
# Tables of the platform that hold rows of tenants, too, and the column that says whose.
OWNED = {"federation_connections": "owner"}


def is_tenant(column: Column[Any]) -> bool:
    """Tell whether a column names the row's own tenant."""
    of_table = {"tenants": "id", **OWNED}.get(column.table.name)
    return column.name in {"tenant_id", of_table}


def populate(connection: Connection, tenant_id: str) -> Rows:
    """Insert one row into every table of a tenant, parents first, and return them."""
    tenants = metadata.tables["tenants"]
    own = connection.execute(select(tenants).where(tenants.c.id == tenant_id)).mappings().one()
    rows: Rows = {"tenants": dict(own), **SHARED}
    for table in metadata.sorted_tables:
        if table.name in {*SCOPED, *OWNED} - {"tenants"}:
            rows[table.name] = new_row(table, rows, tenant_id)
            connection.execute(insert(table).values(rows[table.name]))
    return rows


def new_row(table: Table, parents: Rows, tenant_id: str) -> Row:
    """Return the values of a row whose foreign keys lead to the given parents."""
    row = {column.name: _value(column) for column in table.columns}
    row |= {column.name: tenant_id for column in table.columns if is_tenant(column)}
    row |= SPECIAL.get(table.name, {})
    for constraint in table.foreign_key_constraints:
        for element in constraint.elements:
            parent = element.column
            if parent.table is not table:
                row[element.parent.name] = parents[parent.table.name][parent.name]
    return row


def _value(column: Column[Any]) -> object:
    if column.nullable:
        return None
    kind = column.type
    if column.primary_key and isinstance(kind, String):
        return new_id("row")[: kind.length]
    if isinstance(kind, String):
        return os.urandom(4).hex()[: kind.length]
    for wanted, value in _VALUES:
        if isinstance(kind, wanted):
            return value()
    raise NotImplementedError(f"{column}: {kind!r}")


_VALUES = (
    (UtcTime, lambda: datetime.now(UTC)),
    (Boolean, lambda: False),
    (Integer, lambda: 1),
    (LargeBinary, lambda: os.urandom(32)),
    (JSON, list),
)


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    """Return a row's primary key."""
    return tuple(row[column.name] for column in table.primary_key)


def everything(connection: Connection, tenant_id: str) -> dict[str, list[Any]]:
    """Return all that the database holds of a tenant, to compare before and after."""
    return {name: rows_of(connection, name, tenant_id) for name in SCOPED}


def rows_of(connection: Connection, name: str, tenant_id: str) -> list[Any]:
    """Return what a table holds of a tenant, in a certain order."""
    found = connection.exec_driver_sql(_all_of(name, tenant_id))
    return [tuple(row) for row in found]


@cache
def _all_of(name: str, tenant_id: str) -> str:
    """Return the statement for a table's rows as the driver gives them: it is sent very often."""
    table = metadata.tables[name]
    owner = next(column for column in table.columns if is_tenant(column))
    its = owner == literal_column(f"'{tenant_id}'")
    return str(select(table).where(its).order_by(*table.primary_key))


def texts(value: object) -> Iterator[str]:
    """Give every text in a row, bytes as hexadecimal and raw."""
    if isinstance(value, bytes | memoryview):
        yield bytes(value).decode("latin-1")
        yield bytes(value).hex()
    else:
        yield str(value)
