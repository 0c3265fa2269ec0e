"""Statements that run at every request: compiled once, then given to the driver as they are.

SQLAlchemy decides the SQL and how values are converted, once for each database and set of
parameters. Deciding again at each execution would cost more than SQLite takes to answer. Only for
statements that live as long as the process does (files named statements.py): each is kept.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, methodcaller
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Executable, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

# In one statement, whose text each number of rows makes another one for the driver. What psycopg
# makes of a text it keeps up to so many parameters.
_ROWS, _PARAMETERS = 8, 50
_NAMED = re.compile(r"%\(\w+\)s")

Values = Mapping[str, Any]
Row = dict[str, Any]
_Conversion = Callable[[Any], Any] | None

# Told of each statement that runs here, as SQLAlchemy's `before_cursor_execute` is of the others.
watchers: list[Callable[[str], None]] = []

_kept: dict[tuple[str, Executable, tuple[str, ...]], "Prepared"] = {}


def prepared(statement: Executable, connection: Connection, names: Iterable[str]) -> "Prepared":
    """Return a statement as the connection's database takes it with parameters of these names."""
    key = (connection.dialect.name, statement, tuple(names))
    found = _kept.get(key)
    if found is None:
        found = _kept[key] = Prepared(statement, connection.dialect, key[2])
    return found


class Prepared:
    """SQL text with the conversions of its parameters and columns."""

    def __init__(self, statement: Executable, dialect: Dialect, names: Sequence[str]) -> None:
        """Compile. Parameters that are not among `names` keep the value they were written with."""
        compiled = _compile(statement, dialect, names)
        self._sql = str(compiled)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._named = not compiled.positional
        self._names = tuple(binds) if self._named else tuple(compiled.positiontup or ())
        self._into = [(name, _into(binds[name].type, dialect)) for name in self._names]
        self._fixed = {
            name: bind.effective_value
            for name, bind in binds.items()
            if name not in names and not bind.required
        }
        columns = tuple(_columns(statement, dialect))
        self._columns = tuple(name for name, _ in columns)
        self._from = [(name, convert) for name, convert in columns if convert is not None]

    def row(self, connection: Connection, values: Values) -> Row | None:
        """Run a query and return its first row by column names, None where there is none."""
        found = self._run(connection, values, _first)
        return None if found is None else self._read(found)

    def rows(self, connection: Connection, values: Values) -> list[Row]:
        """Run a query and return all its rows."""
        return [self._read(found) for found in self._run(connection, values, _all)]

    def change(self, connection: Connection, values: Values) -> int:
        """Run an insert, update or delete and return how many rows it concerned."""
        return int(self._run(connection, values, _count))

    def insert_many(self, connection: Connection, many: Sequence[Values]) -> None:
        """Run an insert for many rows, several in each statement.

        An executemany gives SQLite's lock away at each row and waits for it again; to PostgreSQL
        it is a statement for each row.
        """
        head, row = self._parts
        most = max(1, _PARAMETERS // len(self._names)) if self._named else _ROWS
        try:
            cursor = _cursor(connection, self._sql)
            for start in range(0, len(many), most):
                some = [self._listed(values) for values in many[start : start + most]]
                sql = f"{head}{', '.join([row] * len(some))}"
                cursor.execute(sql, [value for listed in some for value in listed])
            cursor.close()
        except _driver(connection).Error as error:
            raise translated(connection, self._sql, error) from error

    @cached_property
    def _parts(self) -> tuple[str, str]:
        """Return what stands before an insert's values, and a row of them by their places."""
        head, values, row = _NAMED.sub("%s", self._sql).partition(" VALUES ")
        return head + values, row

    def _run(self, connection: Connection, values: Values, take: Callable[[Any], Any]) -> Any:  # noqa: ANN401  by `take`
        bound = self._bound(values)
        try:
            cursor = _cursor(connection, self._sql)
            cursor.execute(self._sql, bound)
            taken = take(cursor)
            cursor.close()
        except _driver(connection).Error as error:
            raise translated(connection, self._sql, error) from error
        return taken

    def _bound(self, values: Values) -> Any:  # noqa: ANN401  what the driver takes
        listed = self._listed(values)
        return dict(zip(self._names, listed, strict=True)) if self._named else listed

    def _listed(self, values: Values) -> list[Any]:
        given = {**self._fixed, **values} if self._fixed else values
        return [
            given[name] if convert is None else convert(given[name]) for name, convert in self._into
        ]

    def _read(self, found: Sequence[Any]) -> Row:
        row = dict(zip(self._columns, found, strict=True))
        for name, convert in self._from:
            row[name] = convert(row[name])
        return row


_first, _all, _count = methodcaller("fetchone"), methodcaller("fetchall"), attrgetter("rowcount")


def _cursor(connection: Connection, sql: str) -> Any:  # noqa: ANN401  a DBAPI cursor
    for watcher in watchers:
        watcher(sql)
    return connection.connection.cursor()


def _driver(connection: Connection) -> Any:  # noqa: ANN401  a DBAPI module
    return cast("Any", connection.dialect).loaded_dbapi


def translated(connection: Connection, sql: str, error: Any) -> BaseException:  # noqa: ANN401  the driver's
    """Return SQLAlchemy's exception for a driver's, without the values: they may be secrets."""
    lost = connection.dialect.is_disconnect(error, cast("Any", connection.connection), None)
    if lost:
        connection.invalidate(error)
    translated = DBAPIError.instance(
        sql,
        None,
        error,
        _driver(connection).Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=connection.dialect,
    )
    return cast("BaseException", translated)


def _compile(statement: Executable, dialect: Dialect, names: Sequence[str]) -> SQLCompiler:
    of_rows = isinstance(statement, Insert) and statement.select is None
    inserted = list(names) if of_rows else None
    compiled = cast("Any", statement).compile(dialect=dialect, column_keys=inserted)
    if compiled.insert_prefetch or compiled.update_prefetch or compiled.literal_execute_params:
        raise TypeError(f"a value would have to be made at each execution: {compiled}")
    return cast("SQLCompiler", compiled)


def _into(type_: TypeEngine[Any], dialect: Dialect) -> _Conversion:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _columns(statement: Executable, dialect: Dialect) -> Iterable[tuple[str, _Conversion]]:
    columns = getattr(statement, "selected_columns", ())
    for column in columns:
        yield column.key, column.type.dialect_impl(dialect).result_processor(dialect, None)
