"""What tests of the core share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from authserver.core.database.engine import Database
from tests.support.databases import postgresql_database
from tests.support.notes import with_table


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with one small table, on both kinds."""
    if request.param == "sqlite":
        yield from with_table(f"sqlite:///{tmp_path / 'test.db'}")
        return
    server = postgresql_database()
    yield from with_table(next(server))
    next(server, None)
