"""Many rows at once: as the parameters of one statement, or by PostgreSQL's COPY.

The statement's text is always the same, and so its plan. The driver of SQLite gives Python's lock
away at every row of an `executemany`, and waits for it again; here it is one statement for many
rows, on PostgreSQL as well.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, LargeBinary, String, Table, bindparam, inspect, text
from sqlalchemy.sql.elements import TextClause

from authserver.core.database.engine import Transaction
from authserver.core.database.tenancy import Base

_SIZES = (8, 128)  # rows: few, and many
Columns = Mapping[str, type[str] | type[int] | type[bytes]]


class Several:
    """A change of several rows at once: `{given}` stands for a table `given` of their values.

    What is left over is filled up with `filler`, a row that the change must not match.
    """

    def __init__(self, change: str, columns: Columns, *, filler: Mapping[str, Any]) -> None:
        """Take the statement, names and kinds of the values, and the row that does nothing."""
        self._change = change
        self._columns = columns
        self._filler = filler
        self._statements = {size: self._statement(size) for size in _SIZES}

    def run(self, transaction: Transaction, rows: Iterable[Mapping[str, Any]]) -> int:
        """Change the rows; return how many were."""
        changed, left = 0, iter(rows)
        while some := list(islice(left, _SIZES[-1])):
            size = next(one for one in _SIZES if one >= len(some))
            values = dict(self._values([*some, *[self._filler] * (size - len(some))]))
            changed += transaction.change(self._statements[size], values)
        return changed

    def _values(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
        for place, row in enumerate(rows):
            for name, kind in self._columns.items():
                # psycopg has a type for each size of number, and would prepare one more statement
                # for each mixture of them: numbers travel as texts.
                yield f"{name}_{place}", str(row[name]) if kind is int else row[name]

    def _statement(self, size: int) -> TextClause:
        names = ", ".join(self._columns)
        rows = ", ".join(
            "(" + ", ".join(self._value(name, place) for name in self._columns) + ")"
            for place in range(size)
        )
        parameters = (
            bindparam(f"{name}_{place}", type_=LargeBinary() if kind is bytes else String())
            for place in range(size)
            for name, kind in self._columns.items()
        )
        # Not in front: the driver of SQLite counts the rows of what begins with its verb.
        given = f"(WITH these ({names}) AS (VALUES {rows}) SELECT * FROM these) AS given"  # noqa: S608  names of our own
        return text(self._change.format(given=given)).bindparams(*parameters)

    def _value(self, name: str, place: int) -> str:
        parameter = f":{name}_{place}"
        return f"CAST({parameter} AS BIGINT)" if self._columns[name] is int else parameter


def values_of(row: Base) -> dict[str, Any]:
    """Return the columns of a row that a session loaded or flushed."""
    return {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).columns}


def copy(connection: Connection, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert rows, each with a value for every column, and return how many there were.

    For loaders that work as the tables' owner: no event of a session sees the rows, and row
    security refuses COPY to whom it binds.
    """
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
