"""Whose rows PostgreSQL shows from now on: one tenant's, everybody's, or nobody's.

A connection that says nothing is shown nothing. The server's say at once that they are the
platform's, and again, for poolers, in the message that begins a transaction. A session of a tenant
says so before its first statement, until the transaction ends or somebody else says otherwise.
"""

import re
from typing import Any, Protocol

from sqlalchemy import Connection

from authserver.core.database.prepared import translated

SETTING = "authserver.tenant"
PLATFORM = "*"
_NOW = "whose"
_PLAN = "SET LOCAL plan_cache_mode = force_custom_plan"
# It stands in the text of a statement, where SET takes no parameters.
TENANT_ID = re.compile(r"[0-9A-Za-z_-]{0,40}")


class Scope(Protocol):
    """What sessions tell whose rows they are about to reach."""

    def enter(self, whose: str) -> None:
        """Have the database show the rows of a tenant, or of PLATFORM."""

    def plan_anew(self) -> None:
        """Have the database plan each statement of the transaction for its own values."""


class Unwalled:
    """SQLite has no second wall."""

    def enter(self, whose: str) -> None:
        """Do nothing."""

    def plan_anew(self) -> None:
        """Do nothing."""

    def leave(self) -> None:
        """Do nothing."""


class Writing:
    """The scope of a transaction. Its connection remembers it, for savepoints that end."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection whose transaction `begin` began."""
        self._connection = connection

    def enter(self, whose: str) -> None:
        """Say it, where it is not said already."""
        info = self._connection.info
        if info.get(_NOW) != whose:
            _say(self._connection, _local(whose))
            info[_NOW] = whose

    def plan_anew(self) -> None:
        """Say it, for statements whose best plan depends on whom they are about."""
        _say(self._connection, _PLAN)


class Reading:
    """The scope of reads, each of which is a transaction of its own unless it is a tenant's.

    For a tenant a transaction is begun, so that what is said ends with it. Each of its statements
    still sees the newest state: it reads what is committed, not a snapshot.
    """

    def __init__(self, connection: Connection) -> None:
        """Take a connection that commits every statement."""
        self._connection = connection
        self._now = PLATFORM

    def enter(self, whose: str) -> None:
        """Say it, where it is not said already."""
        if whose == self._now:
            return
        if whose == PLATFORM:
            _say(self._connection, "COMMIT")
        elif self._now == PLATFORM:
            _say(self._connection, f"BEGIN READ ONLY; {_local(whose)}")
        else:
            _say(self._connection, _local(whose))
        self._now = whose

    def plan_anew(self) -> None:
        """Say it, where there is a transaction with which it ends."""
        if self._now != PLATFORM:
            _say(self._connection, _PLAN)

    def leave(self) -> None:
        """Be the platform's again. What failed is left to whoever takes the connection back.

        By a commit, before the sessions are closed: at a rollback the driver forgets every
        statement that it prepared, and the next requests would pay for that.
        """
        if self._now == PLATFORM or self._connection.invalidated:
            return
        if _driver(self._connection).info.transaction_status.name == "INTRANS":
            self.enter(PLATFORM)


def has_walls(connection: Connection) -> bool:
    """Tell whether the database has row-level security."""
    return connection.dialect.name == "postgresql"


def writing(connection: Connection) -> Scope:
    """Return the scope of an open transaction."""
    return Writing(connection) if has_walls(connection) else Unwalled()


def reading(connection: Connection) -> Reading | Unwalled:
    """Return the scope of a connection that commits every statement."""
    return Reading(connection) if has_walls(connection) else Unwalled()


def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  a DBAPI connection
    """Say at once that the connection is the platform's: reads then need not say so each time."""
    connection.execute(f"SET {SETTING} = '{PLATFORM}'", prepare=False)
    if not connection.autocommit:
        connection.commit()


def begin(connection: Connection) -> None:
    """Begin a transaction of the platform, in one message."""
    _say(connection, f"BEGIN; {_local(PLATFORM)}")
    connection.info[_NOW] = PLATFORM


def forget(connection: Connection, *_: object) -> None:
    """Know no more what was said: a savepoint that ends takes back what was said since."""
    connection.info.pop(_NOW, None)


def _local(whose: str) -> str:
    if whose != PLATFORM and not TENANT_ID.fullmatch(whose):
        raise ValueError("not the id of a tenant")
    return f"SET LOCAL {SETTING} = '{whose}'"


def _say(connection: Connection, sql: str) -> None:
    # Never prepared on the server: two statements cannot be, and one is seldom the same.
    try:
        _driver(connection).execute(sql, prepare=False)
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(connection, sql, error) from error


def _driver(connection: Connection) -> Any:  # noqa: ANN401  a DBAPI connection
    return connection.connection.driver_connection
