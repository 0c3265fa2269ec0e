"""PgBouncer in transaction mode before PostgreSQL: connections change hands, tenants do not mix."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text

from authserver.accounts.models import User
from tests.conftest import install
from tests.support.browser import Browser, Party
from tests.support.databases import as_owner, as_worker, postgresql_database
from tests.support.needs import PGBOUNCER
from tests.support.process import free_port
from tests.support.world import World, make_world, settings_for

TENANTS, CONNECTIONS, TIMES = 4, 3, 6
CONFIGURATION = """[databases]
{name} = host=127.0.0.1 port={port} dbname={name}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {here}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {connections}
"""


@pytest.fixture(name="pooled", scope="module")
def _pooled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Begin a pooler before a database with an installation; give the URL through it."""
    program = os.environ.get(PGBOUNCER)
    if program is None:
        pytest.skip(f"no PgBouncer: {PGBOUNCER} is not set")
    for owner in postgresql_database():
        data = tmp_path_factory.mktemp("data")
        install(as_worker(owner), data).services.database.close()
        _speak_for_the_platform(owner)
        folder = Path("/tmp") / f"pgbouncer-{os.urandom(4).hex()}"  # noqa: S108  open to its user
        yield from _running(program, folder, as_worker(owner))
        shutil.rmtree(folder)


def _speak_for_the_platform(owner: str) -> None:
    """Have whatever says nothing be the platform's, as docs/operations.md says."""
    role, name = make_url(as_worker(owner)).username, make_url(owner).database
    engine = create_engine(as_owner(owner))
    with engine.begin() as connection:
        said = f"ALTER ROLE {role} IN DATABASE {name} SET authserver.tenant = '*'"
        connection.execute(text(said))
    engine.dispose()


def _running(program: str, folder: Path, url: str) -> Iterator[str]:
    behind, here = make_url(url), free_port()
    folder.mkdir()
    (folder / "users").write_text(f'"{behind.username}" ""\n')
    configuration = CONFIGURATION.format(
        name=behind.database, port=behind.port, here=here, folder=folder, connections=CONNECTIONS
    )
    (folder / "pgbouncer.ini").write_text(configuration)
    # Whatever the umask.
    for path, mode in ((folder, 0o755), *((one, 0o644) for one in folder.iterdir())):
        path.chmod(mode)
    drop = {}
    if os.geteuid() == 0:  # which PgBouncer refuses to run as
        account = pwd.getpwnam("postgres")
        drop = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    process = subprocess.Popen(
        [program, str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL, **drop
    )
    pooled = behind.set(port=here).render_as_string(hide_password=False)
    try:
        _wait(pooled)
        yield f"{pooled}?prepared_statements=off"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    engine, until = create_engine(url), time.monotonic() + 20
    while True:
        try:
            with engine.connect():
                return
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        finally:
            engine.dispose()


@pytest.fixture(name="world")
def _world(pooled: str, tmp_path: Path) -> Iterator[World]:
    world = make_world(settings_for(pooled, tmp_path))
    world.clock.reset()
    yield world
    world.services.database.close()


def test_people_of_several_tenants_sign_in_at_once_over_few_connections(world: World) -> None:
    clients = [world.client(world.tenant()) for _ in range(TENANTS)]
    people = [world.user(client.tenant, "admin") for client in clients]

    def sign_in(number: int) -> tuple[bool, set[str]]:
        client, person = clients[number % TENANTS], people[number % TENANTS]
        party = Party(world, client)
        code = Browser(world).code(client, person, scope="openid offline_access")
        tokens = party.redeem(code).json
        renewed = party.refresh(tokens["refresh_token"]).json
        active = party.introspect(renewed["access_token"]).json["active"]
        with world.services.database.read() as view:
            seen = view.tenant(client.tenant.id).scalars(select(User.tenant_id))
            return active, set(seen) - {client.tenant.id}

    with ThreadPoolExecutor(TENANTS * 2) as threads:
        found = [*threads.map(sign_in, range(TENANTS * TIMES))]
    assert found == [(True, set())] * (TENANTS * TIMES)


def test_a_tenants_transaction_leaves_nothing_to_who_has_the_connection_next(world: World) -> None:
    ids = [world.user(world.tenant()).tenant.id for _ in range(TENANTS)]

    def shown(number: int) -> set[str]:
        whose = ids[number % TENANTS]
        with world.services.database.read() as view:
            view.tenant(whose).scalars(select(User.id)).all()
            # By a text, which nothing but the database confines.
            return set(
                view.connection.execute(text("SELECT DISTINCT tenant_id FROM users")).scalars()
            )

    with ThreadPoolExecutor(TENANTS * 2) as threads:
        found = [*threads.map(shown, range(TENANTS * TIMES))]
    assert found == [{ids[number % TENANTS]} for number in range(TENANTS * TIMES)]
