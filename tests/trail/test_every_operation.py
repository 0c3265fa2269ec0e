"""Every operation of the administration API that changes something records it."""

import pytest

from authserver.admin.rest.operation import Does, Operation
from authserver.core.limits import buckets
from authserver.wiring.administration import make_administration
from tests.admin.bodies import BODIES, CANARIES
from tests.admin.callers import Caller, person
from tests.admin.examples import READY, Stand
from tests.support.world import World
from tests.trail.events import record
from tests.trail.recording import Recorder

pytestmark = [pytest.mark.any_database, pytest.mark.attack("AUD-11")]

# What is not a GET and only looks: it has a transaction that can write nothing.
LOOKS = {
    "try_client": "says what a request for a token would end in; the token is not given",
    "try_connection": "asks a provider whether it knows us",
    "try_connection_of_platform": "asks a provider whether it knows us",
}
SILENT = {
    "create_import": "nobody is imported yet: start_import is what is recorded",
    "add_part": "rows that wait for start_import, and go with an import that is not started",
}


@pytest.fixture(name="operations")
def _operations(world: World) -> dict[str, Operation]:
    every = make_administration(world.services).operations
    return {one.name: one for one in every if one.method != "GET"}


@pytest.fixture(name="admin")
def _admin(world: World, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr("authserver.admin.rest.lane._RATE", buckets.Rate(1_000_000, 60))
    return person(world, "PLATFORM_ADMIN")


def test_every_operation_that_changes_something_adds_an_event_that_says_no_secret(
    world: World, admin: Caller, operations: dict[str, Operation]
) -> None:
    recorder, silent = Recorder(world), set[str]()
    recorder.secrets |= set(CANARIES)
    for name in (one for one in operations if one not in LOOKS):
        call = Stand(world, admin, operations, world.tenant()).call(name)
        before = recorder.count()
        answer = call()
        assert answer.status_code < 300, (name, answer.text)
        silent |= set() if recorder.count() > before else {name}
        recorder.heard(answer.data)
    assert silent == SILENT.keys()
    assert len(recorder.secrets) > len(CANARIES) + 6  # what was shown once was found
    assert recorder.in_clear() == {}


def test_what_only_looks_is_said_to_and_examples_are_of_operations(
    operations: dict[str, Operation],
) -> None:
    looks = {name for name, one in operations.items() if one.does is Does.READ}
    assert looks == LOOKS.keys()
    assert BODIES.keys() | READY.keys() <= operations.keys()


def test_the_search_for_canaries_would_find_one(world: World) -> None:
    """Without this the test above would pass if nothing were looked at."""
    recorder, tenant = Recorder(world), world.tenant()
    person = world.user(tenant)
    record(world, tenant.id, note=f"of {person.email}")
    assert recorder.in_clear() == {person.email: {"mail.retried"}}
