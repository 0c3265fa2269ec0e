"""Fixtures for every suite: an installation on SQLite and on PostgreSQL.

PostgreSQL and Redis are started by `python -m tests.support.services` (what `make test` does),
which names them in the environment. Without them their tests are skipped, by name.
"""

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from authserver.audit.events import Actor
from authserver.clients.policy import SIGNING_ALGORITHMS
from authserver.core.database import engine as database
from authserver.core.ids import new_id
from tests.support.chromium import executable, running_chromium
from tests.support.databases import (
    as_worker,
    migrate,
    migrated_postgresql,
    migrated_sqlite,
    postgresql_database,
)
from tests.support.order import Kind, ordered
from tests.support.thrift import thrifty
from tests.support.world import World, make_world, settings_for

REDIS = "AUTHTEST_REDIS"
KINDS = ("sqlite", "postgresql")
# Folders of tests of seconds, and how many of these they take together; a longer one begins sooner.
SLOW = {"browser": 1000, "docs": 330, "interop": 270, "faults": 250, "model": 110}
A_FILE = 10
# Folders of tests of what is said and refused by HTTP, whatever keeps the rows: they run on SQLite,
# and on PostgreSQL, too, only where a mark says so: docs/decisions/0058.
ONE_DATABASE = {"attacks", "conformance", "spec"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let every test run on both databases, whatever its mark says: before a release, say."""
    parser.addoption("--every-database", action="store_true", help="leave out no database")


# Last, when pytest has sorted by fixtures and left out what is not asked for.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have the slow tests begin first in a run by several workers; tests/support/order.py."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        items[:] = ordered(items, worker["workercount"], _kind)


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a test run on SQLite alone where the database can make no difference."""
    if "installation" in metafunc.fixturenames and _is_on_one(metafunc):
        (fixture,) = metafunc._arg2fixturedefs["installation"][-1:]  # noqa: SLF001  whose scope it is to have
        one = pytest.mark.parametrize("installation", KINDS[:1], indirect=True, scope=fixture.scope)
        metafunc.definition.add_marker(one)


def _is_on_one(metafunc: pytest.Metafunc) -> bool:
    test, given = metafunc.definition, metafunc.config.getoption("every_database")
    if given or test.get_closest_marker("every_database"):
        return False
    return _folder(test) in ONE_DATABASE or test.get_closest_marker("any_database") is not None


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def pytest_collection_finish() -> None:
    """Spare the garbage collector all the tests: it would go through them again and again.

    And let it come seldom: what a test leaves behind is little.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _kind(item: pytest.Item) -> Kind:
    path = item.path.relative_to(Path(__file__).parent)
    if path.parts[0] in SLOW:
        return Kind(path.parts[0], SLOW[path.parts[0]])
    if item.get_closest_marker("processes"):
        return Kind(str(path), A_FILE)
    given = getattr(item, "callspec", None)
    params = given.params if given else {}
    known = [name for name in ("database_kind", "installation") if name in params]
    return Kind(database=" ".join(f"{name} {params[name]}" for name in known))


@pytest.fixture(scope="session", autouse=True)
def jobs_know_no_request() -> Iterator[None]:
    """Run every job as the thread of another request would, which stores it for the first one.

    Nothing of its own request is at hand there: the form, the cookies and the language are of
    somebody else.
    """
    attempt = database._attempt  # noqa: SLF001  the one place where jobs are run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_attempt", lambda *given: Context().run(attempt, *given))
        yield


@pytest.fixture(scope="session", autouse=True)
def spend_little() -> Iterator[None]:
    """Make once what is always the same."""
    with thrifty():
        yield


@pytest.fixture(scope="session", params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Name the kind of database that an installation in processes is to have."""
    return str(request.param)


@contextmanager
def process_database(kind: str) -> Iterator[str]:
    """Make the database of one installation in processes; empty is its own SQLite."""
    yield from map(as_worker, postgresql_database()) if kind == "postgresql" else [""]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser once for all tests of a worker: Playwright runs once in a process."""
    if executable() is None:
        pytest.skip("no Chromium: the browser tests")
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The test Redis."""
    url = os.environ.get(REDIS)
    if not url:
        pytest.skip(f"no Redis: {REDIS} is not set")
    return url


@pytest.fixture(scope="session", params=KINDS)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A migrated and initialised installation; tests make tenants of their own in it."""
    with new_installation(request.param, tmp_path_factory.mktemp("data")) as world:
        yield world


@contextmanager
def new_installation(
    kind: str, folder: Path, algorithms: Iterable[str] = SIGNING_ALGORITHMS
) -> Iterator[World]:
    """Make one on SQLite or PostgreSQL. Tests that read every row share it with nobody."""
    urls = migrated_postgresql() if kind == "postgresql" else migrated_sqlite(folder)
    for database_url in urls:
        world = _initialised(database_url, folder, algorithms)
        yield world
        world.services.database.close()


def install(
    database_url: str, data_dir: Path, algorithms: Iterable[str] = SIGNING_ALGORITHMS
) -> World:
    """Migrate, initialise and wire an installation whose platform signs with these algorithms."""
    migrate(database_url)
    return _initialised(database_url, data_dir, algorithms)


def _initialised(database_url: str, data_dir: Path, algorithms: Iterable[str]) -> World:
    world = make_world(settings_for(database_url, data_dir))
    services = world.services

    def first(transaction: object) -> None:
        services.tenants.set_up(transaction, services.keyring)
        actor = Actor("operator", "ins_test", new_id("cor"))
        services.keys.ensure(transaction, None, actor, algorithms=algorithms)

    services.database.write(first)
    services.watch.changed()
    return world


@pytest.fixture
def world(installation: World) -> World:
    """The installation, with its clock set to the present."""
    installation.clock.reset()
    return installation
