"""One transaction for each request, and the commit rule.

Writes run as jobs: functions of a `Transaction` that do nothing outside it, because a job may run
again, and know nothing of the request, because the thread of another request may run it. Jobs that
arrive together share one durable commit. A job that raises a `Problem` is
committed, so that a failure counter or a revocation outlives the refusal it caused; any other
exception rolls back.
"""

import sqlite3
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, cast

import orjson
from sqlalchemy import Connection, Engine, Executable, Insert, create_engine, event
from sqlalchemy.engine import URL, make_url

from authserver.core.database.commits import GroupCommit, Stored, Ticket, Work, do, only
from authserver.core.database.down import unavailable_when_down, worth_repeating
from authserver.core.database.kept import Kept
from authserver.core.database.prepared import Row, Values, prepared, translated
from authserver.core.database.tenancy import Base, PlatformSession, TenantSession
from authserver.core.database.wall import scope
from authserver.core.database.wall.scope import PLATFORM, Scope
from authserver.core.problems import Problem

T = TypeVar("T")
# Of one process.
_CONNECTIONS = 32
# To SQLite. More are not faster, as Python runs on one thread at a time, and each of them has the
# whole schema in memory: 0.5 MB.
_NEAR_READERS = 4
# Seconds to wait for a connection, or for SQLite's lock.
_PATIENCE = 5
_PREPARES = "prepared_statements"  # of a URL: `off` for poolers that do not follow them
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    # kB of each connection; what it drops is still in the operating system's cache.
    "cache_size=-500",
    "wal_autocheckpoint=4000",  # pages, 16 MB: the newest change in every commit
    "secure_delete=ON",  # an erased person is not in the file any more
)


_BEGIN = "BEGIN IMMEDIATE"


# By the name of what is stored: wakes what does something with it.
Bells = dict[str, Callable[[], None]]


class Shared:
    """What the jobs of one commit have in common."""

    def __init__(self, scope: Scope, bells: Bells) -> None:
        """Begin with nothing but whose rows the database shows."""
        self.scope = scope
        self.bells = bells
        self.looked_up: dict[Hashable, Any] = {}
        self.told: dict[Callable[[], None], None] = {}  # each once, in their order
        self.inserts: dict[Insert, list[dict[str, Any]]] = {}

    def flush(self, connection: Connection) -> None:
        """Send the inserts that were put off, rows of referenced tables first."""
        if self.inserts:
            self.scope.enter(PLATFORM)
        for statement in sorted(self.inserts, key=_referenced_first):
            rows = self.inserts[statement]
            prepared(statement, connection, rows[0]).insert_many(connection, rows)


def _referenced_first(statement: Insert) -> int:
    return _places()[statement.table.name]


@cache
def _places() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


class Transaction:
    """One job's view of the open transaction: Core statements, or sessions by tenant."""

    def __init__(self, connection: Connection, shared: Shared) -> None:
        """Work on a connection whose transaction somebody else ends."""
        self.connection = connection
        self._shared, self._scope = shared, shared.scope
        self._tenants: dict[str, TenantSession] = {}
        self._platform: PlatformSession | None = None

    def look_up(self, key: Hashable, read: Callable[[], T]) -> T:
        """Read something once for all jobs of a commit.

        They become durable together, so that none of them is later than another.
        """
        if key not in self._shared.looked_up:
            self._shared.looked_up[key] = read()
        return cast("T", self._shared.looked_up[key])

    def row(self, statement: Executable, values: Values) -> Row | None:
        """Run a query of a file named statements.py; return its first row by column names."""
        self._scope.enter(PLATFORM)
        return prepared(statement, self.connection, values).row(self.connection, values)

    def rows(self, statement: Executable, values: Values) -> list[Row]:
        """Run such a query and return all its rows."""
        self._scope.enter(PLATFORM)
        return prepared(statement, self.connection, values).rows(self.connection, values)

    def change(self, statement: Executable, values: Values) -> int:
        """Run such an insert, update or delete; return how many rows it concerned."""
        self._scope.enter(PLATFORM)
        return prepared(statement, self.connection, values).change(self.connection, values)

    def insert_at_commit(self, statement: Insert, row: dict[str, Any]) -> None:
        """Insert a row, together with those of the commit's other jobs."""
        self._shared.inserts.setdefault(statement, []).append(row)

    def when_durable(self, tell: Callable[[], None]) -> None:
        """Call what cannot fail, once, when all of this is committed; never, where it is not."""
        self._shared.told[tell] = None

    def ring(self, bell: str) -> None:
        """Wake what waits for rows like the one just stored, once it is durable."""
        if wake := self._shared.bells.get(bell):
            self.when_durable(wake)

    def tenant(self, tenant_id: str) -> TenantSession:
        """Return the session that sees this tenant and nothing else."""
        if tenant_id not in self._tenants:
            self._tenants[tenant_id] = TenantSession(self.connection, tenant_id, self._scope)
        return self._tenants[tenant_id]

    def platform(self) -> PlatformSession:
        """Return the session that sees every tenant: for named platform services only."""
        if self._platform is None:
            self._platform = PlatformSession(self.connection, self._scope)
        return self._platform

    def flush(self) -> None:
        """Send pending changes of every session to the database."""
        for session in self._sessions():
            session.flush()

    def close(self) -> None:
        """Forget the sessions; the transaction stays as it is."""
        for session in self._sessions():
            session.close()

    def _sessions(self) -> list[PlatformSession]:
        return [*self._tenants.values(), *([self._platform] if self._platform else [])]


Job = Callable[[Transaction], T]


class Database:
    """The engine, and the only two ways to it: `read` and `write`."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine made by `make_engine`."""
        self.engine = engine
        self.bells: Bells = {}
        self._near = engine.dialect.name == "sqlite"
        reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        at_once = _NEAR_READERS if self._near else _CONNECTIONS
        self._readers = Kept(reading, most=8, at_once=at_once)
        self._writers = Kept(engine, most=1, at_once=1)
        self._commits: GroupCommit[Job[Any]] = GroupCommit(self._commit, worth_repeating)

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        self._readers.close()
        self._writers.close()
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give a view for statements that change nothing; each sees the newest committed state."""
        with unavailable_when_down(), self._readers.borrow() as connection:
            whose = scope.reading(connection)
            transaction = Transaction(connection, Shared(whose, self.bells))
            try:
                yield transaction
            finally:
                whose.leave()
                transaction.close()

    def write(self, job: Job[T]) -> T:
        """Run a job and return when its outcome is durable."""
        return cast("T", self._commits.run(only(job)))

    def stored(self, job: Job[T]) -> Awaitable[T]:
        """Return what a work awaits, to go on when the job's outcome is durable."""
        return Stored(job)

    def run(self, work: Work[Job[Any], T]) -> T:
        """Do the work of a request, together with what others have to do (decision 0010).

        It stores by `await stored(job)`, never by `write`. Where the database is across a network
        only the commit is shared: nobody should wait for another's reads.
        """
        return self._commits.run(work) if self._near else do(work, self.write)

    def run_alone(self, work: Work[Job[Any], T]) -> T:
        """Do a work that rarely stores anything; only the commit is shared."""
        return do(work, self.write)

    def _commit(self, tickets: Sequence[Ticket[Job[Any]]]) -> None:
        with unavailable_when_down(), self._writers.borrow() as connection, connection.begin():
            shared = Shared(scope.writing(connection), self.bells)
            for ticket in tickets:
                _attempt(ticket, Transaction(connection, shared))
            shared.flush(connection)
        for tell in shared.told:
            tell()


def _attempt(ticket: Ticket[Job[Any]], transaction: Transaction) -> None:
    """Run one job. A `Problem` is an answer: what the job wrote before it stays."""
    try:
        ticket.value, ticket.error = ticket.job(transaction), None
    except Problem as problem:
        ticket.error = problem
    finally:
        try:
            transaction.flush()
        finally:
            transaction.close()


def make_engine(url: str | URL) -> Engine:
    """Return an engine with the durable settings this server relies on."""
    engine = create_engine(bare(url), **engine_options(url))
    prepare(engine)
    return engine


def bare(url: str | URL) -> URL:
    """Return the URL without what is for us and not for the driver."""
    return make_url(url).difference_update_query([_PREPARES])


def engine_options(url: str | URL) -> dict[str, Any]:
    """Return create_engine's arguments for the database that the URL names."""
    json = {"json_serializer": _json, "json_deserializer": orjson.loads}
    # Connections that stay: to open its own, a burst would wait longer than for its turn.
    pool = {"pool_size": _CONNECTIONS, "max_overflow": 0, "pool_timeout": _PATIENCE}
    if make_url(url).get_backend_name() == "sqlite":
        patient = {"timeout": _PATIENCE, "check_same_thread": False}
        return {"connect_args": patient, **pool, **json}
    unprepared = make_url(url).query.get(_PREPARES) == "off"
    arguments = {"connect_args": {"prepare_threshold": None}} if unprepared else {}
    # A transaction is begun by `_begin`, in the message that says whose it is.
    return {"pool_pre_ping": True, "isolation_level": "AUTOCOMMIT", **pool, **json, **arguments}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def prepare(engine: Engine) -> None:
    """Make SQLite durable and its writers honest, and have PostgreSQL told whose rows are meant."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _unless_reading(_begin_immediate))
    else:
        event.listen(engine, "connect", scope.prepare)
        event.listen(engine, "begin", _unless_reading(scope.begin))
        event.listen(engine, "rollback_savepoint", scope.forget)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  a DBAPI connection
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one committed
    # in between, whatever the timeout: every writing transaction takes the lock when it begins.
    try:
        connection.connection.cursor().execute(_BEGIN)
    except sqlite3.Error as error:
        raise translated(connection, _BEGIN, error) from error


def _unless_reading(begin: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Begin nothing on a connection that is to commit every statement."""

    def listener(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            begin(connection)

    return listener
