"""Databases for installations in this process: migrated once, and copied from then on."""

import atexit
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, make_url, text

from authserver.core.database import migrations
from authserver.core.database.engine import make_engine
from authserver.core.database.wall.access import Role

POSTGRESQL = "AUTHTEST_POSTGRESQL"
# As in production: what is tested works as a role that owns nothing, behind the second wall.
WORKER = "authserver_app"


def postgresql_database() -> Iterator[str]:
    """Make a database on the test server, and drop it afterwards. The URL is its owner's."""
    yield from _database()


def migrated_postgresql() -> Iterator[str]:
    """Make one that has the newest schema, and drop it afterwards. The URL is the worker's."""
    _server()
    for url in _database(like=_model()):
        yield as_worker(url)


def as_worker(url: str) -> str:
    """Return the URL of the role that owns nothing."""
    return make_url(url).set(username=WORKER).render_as_string(hide_password=False)


def as_owner(url: str) -> str:
    """Return the URL of who sees everything: for tests that look behind the walls."""
    parts = make_url(url)
    if parts.get_backend_name() != "postgresql":
        return url
    owner = make_url(_server())
    parts = parts.set(username=owner.username, password=owner.password)
    return parts.render_as_string(hide_password=False)


def migrated_sqlite(folder: Path) -> Iterator[str]:
    """Put a file with the newest schema into a folder."""
    file = folder / "own.db"
    file.write_bytes(_file())
    yield f"sqlite:///{file}"


def _server() -> str:
    server = os.environ.get(POSTGRESQL)
    if not server:
        pytest.skip(f"no PostgreSQL: {POSTGRESQL} is not set")
    return server


def _run(statement: str) -> None:
    admin = create_engine(_server(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()


def _database(like: str = "template1") -> Iterator[str]:
    name = f"t_{os.urandom(6).hex()}"
    _run(f"CREATE DATABASE {name} TEMPLATE {like}")
    yield make_url(_server()).set(database=name).render_as_string(hide_password=False)
    _run(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _model() -> str:
    """Return the name of the database that the others are copies of."""
    making = _database()
    url = next(making)
    atexit.register(next, making, None)
    migrate(url)
    return str(make_url(url).database)


@cache
def _file() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()


def migrate(url: str) -> None:
    """Bring a database to the newest schema, for the worker to use."""
    engine = make_engine(as_owner(url))
    migrations.upgrade(engine, None if engine.dialect.name == "sqlite" else Role(WORKER, None))
    engine.dispose()
