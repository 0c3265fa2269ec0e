"""Column types that read the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_Conversion = Callable[[Any], Any]

Id = String(40)
Document = JSON().with_variant(JSONB(), "postgresql")
# NULL, and nothing to parse, where there is none: for rows that are read at every request.
OptionalDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def sorted_text(length: int) -> String:
    """Return a text that is compared by its characters' numbers: beginnings are ranges of it."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime: timestamptz on PostgreSQL, microseconds since 1970 on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the storage for a database."""
        postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(DateTime(timezone=True) if postgresql else BigInteger())

    # The processors themselves, where `process_bind_param` and its like would be called by one more
    # function for each value: a dozen times go in and out at every token.
    def bind_processor(self, dialect: Dialect) -> _Conversion:
        """Refuse a naive datetime and convert for SQLite."""
        return _aware if dialect.name == "postgresql" else _microseconds

    def result_processor(self, dialect: Dialect, _coltype: object) -> _Conversion:
        """Convert to an aware UTC datetime."""
        return _in_utc if dialect.name == "postgresql" else _moment


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("a naive datetime is ambiguous")
    return value


def _microseconds(value: datetime | None) -> int | None:
    aware = _aware(value)
    return None if aware is None else (aware - _EPOCH) // _MICROSECOND


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + value * _MICROSECOND
