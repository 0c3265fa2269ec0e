"""A running server with a tenant, a person and a client of each kind, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

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
class Running:
    """A server and those who use it."""

    issuer: str
    tenant: str
    person: Person
    portal_port: int
    portal: Registered
    bound_portal: Registered
    single_page: Registered
    service: Registered
    partner: Registered


@pytest.fixture(scope="session")
def running(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run one server process for all clients."""
    with process_database(database_kind) as url:
        made = make_installation(tmp_path_factory.mktemp("interop"), url)
        users = _users(made)
        with ServerProcess(made):
            yield users


def _users(made: Installation) -> Running:
    bound = [
        f"--option={name}=true" for name in ("dpop_bound_access_tokens", "dpop_nonce_required")
    ]
    tenant, port = made.tenant("acme"), free_port()
    callback = f"http://localhost:{port}/callback"
    return Running(
        issuer=made.issuer,
        tenant=tenant,
        person=made.person(tenant, "NOC_OPERATOR"),
        portal_port=port,
        portal=made.web_client(tenant, callback),
        bound_portal=made.web_client(tenant, callback, *bound),
        single_page=made.web_client(tenant, callback, kind="spa"),
        service=made.service_client(tenant),
        partner=made.service_client(tenant, "--ip-allow", "127.0.0.0/8", kind="partner"),
    )
