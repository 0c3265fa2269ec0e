"""Times that the database computes: some minutes before another, and as a number."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from authserver.core.database.types import UtcTime

_MICROSECONDS = 60_000_000  # of a minute: what SQLite counts in


class minutes_before(GenericFunction[datetime]):  # noqa: N801  named as the functions of SQL are
    """`minutes_before(moment, minutes)`: null where the minutes are."""

    type = UtcTime()
    inherit_cache = True


@compiles(minutes_before)
def _in_microseconds(element: minutes_before, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  SQLAlchemy's signature
    moment, minutes = (compiler.process(part, **more) for part in element.clauses)
    return f"({moment} - {minutes} * {_MICROSECONDS})"


@compiles(minutes_before, "postgresql")
def _by_interval(element: minutes_before, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  the same
    moment, minutes = (compiler.process(part, **more) for part in element.clauses)
    return f"({moment} - make_interval(mins => {minutes}))"


class microseconds_of(GenericFunction[int]):  # noqa: N801  the same
    """`microseconds_of(moment)`: since 1970; null where the moment is."""

    type = BigInteger()
    inherit_cache = True


@compiles(microseconds_of)
def _as_stored(element: microseconds_of, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  the same
    return compiler.process(next(iter(element.clauses)), **more)


@compiles(microseconds_of, "postgresql")
def _from_epoch(element: microseconds_of, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401  the same
    moment = compiler.process(next(iter(element.clauses)), **more)
    return f"(extract(epoch FROM {moment}) * 1000000)::bigint"
