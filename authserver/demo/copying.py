"""Many rows at once, by PostgreSQL's COPY: for loaders that work as the tables' owner.

No event of a session sees them, and row security refuses COPY to whom it binds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import JSON, Connection, Table, inspect

from authserver.core.database.tenancy import Base


def values_of(row: Base) -> dict[str, Any]:
    """Return the columns of a row that a session loaded or flushed."""
    return {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).columns}


def copy(connection: Connection, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, each with a value for every column, and return how many there were."""
    from psycopg.types.json import Jsonb  # noqa: PLC0415  where PostgreSQL is used

    table: Table = model.__table__  # type: ignore[assignment]  # declared as FromClause
    quote = connection.dialect.identifier_preparer.quote
    names = [column.name for column in table.columns]
    documents = {column.name for column in table.columns if isinstance(column.type, JSON)}
    target = f"{quote(table.name)} ({', '.join(map(quote, names))})"
    driver: Any = connection.connection.driver_connection
    number = 0
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copying:
        for row in rows:
            copying.write_row(
                [
                    Jsonb(row[name]) if name in documents and row[name] is not None else row[name]
                    for name in names
                ]
            )
            number += 1
    return number


def analyze(connection: Connection, *models: type[Base]) -> None:
    """Tell the planner what is in the tables now."""
    for model in models:
        connection.exec_driver_sql(f"ANALYZE {model.__tablename__}")
