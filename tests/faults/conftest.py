"""An installation that is to suffer, on both databases, and who keeps it busy."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, create_engine

from tests.conftest import process_database
from tests.support.process import (
    Installation,
    Person,
    Registered,
    ServerProcess,
    free_port,
    make_installation,
)


@dataclass(frozen=True)
class Site:
    """An installation with somebody to sign in, an application and a service."""

    installation: Installation
    person: Person
    portal: Registered
    service: Registered

    @contextmanager
    def two_servers(self) -> Iterator[tuple[ServerProcess, ServerProcess]]:
        """Run two server processes of one issuer over the one database."""
        first = ServerProcess(self.installation)
        with first, ServerProcess(self.installation, port=free_port()) as second:
            yield first, second

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """Look into the database behind the servers' back."""
        engine = create_engine(self.installation.behind)
        try:
            yield engine
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def site(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Set the installation up; a lost answer may be asked for again within a minute."""
    with process_database(database_kind) as url:
        made = make_installation(tmp_path_factory.mktemp("faults"), url, refresh_grace="60")
        tenant = made.tenant("acme")
        yield Site(
            made,
            made.person(tenant, "admin"),
            portal=made.web_client(tenant, "http://localhost:9/callback", "--first-party"),
            service=made.service_client(tenant),
        )
