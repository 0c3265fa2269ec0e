"""Two tenants with a row in every table; what a test does to them is rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection

from authserver.core.database.tenancy import TenantSession
from tests.conftest import KINDS, new_installation
from tests.isolation.rows import Rows, everything, populate, rows_of
from tests.support.world import TenantFixture, World


@dataclass
class TwoTenants:
    """Ours, whose session is tried, and theirs, of which nothing may be seen or changed."""

    connection: Connection
    ours: str
    theirs: str
    our_rows: Rows
    their_rows: Rows

    def session(self) -> TenantSession:
        """Return a fresh session of our tenant."""
        return TenantSession(self.connection, self.ours)

    def how_many(self, name: str) -> int:
        """Return how many rows of a table are ours."""
        return len(rows_of(self.connection, name, self.ours))

    def theirs_now(self) -> dict[str, list[object]]:
        """Return everything the other tenant has."""
        return everything(self.connection, self.theirs)


@pytest.fixture(scope="package", params=KINDS)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """One of its own: each test looks at every row."""
    with new_installation(request.param, tmp_path_factory.mktemp("data")) as world:
        yield world


@pytest.fixture(scope="package")
def tenants(installation: World) -> tuple[Rows, Rows]:
    """Make two tenants with a row in every table."""
    ours, theirs = installation.tenant().id, installation.tenant().id
    with installation.services.database.engine.begin() as connection:
        return populate(connection, ours), populate(connection, theirs)


@pytest.fixture(scope="package")
def houses(installation: World) -> tuple[TenantFixture, TenantFixture]:
    """Make two tenants with issuers of their own, whose RSA keys take the time: no test ends them.

    Their keys sign from now on: whoever came before may have moved the clock.
    """
    installation.clock.reset()
    return installation.tenant(own_issuer=True), installation.tenant(own_issuer=True)


@pytest.fixture
def two(installation: World, tenants: tuple[Rows, Rows]) -> Iterator[TwoTenants]:
    ours, theirs = tenants
    with installation.services.database.engine.connect() as connection:
        transaction = connection.begin()
        yield TwoTenants(connection, ours["tenants"]["id"], theirs["tenants"]["id"], ours, theirs)
        transaction.rollback()
