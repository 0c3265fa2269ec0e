"""kill -9 while values are encrypted anew: each is under the one key or the other, whole."""

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select

from authserver.core.crypto import KEY_ID, Keyring, Place
from authserver.delivery.models import OutboxMessage
from authserver.schema import metadata
from tests.conftest import process_database
from tests.support.clock import ManualClock
from tests.support.process import Installation, make_installation, wait_for

pytestmark = pytest.mark.processes

VALUES = 3000
KILLS = 3
TABLE = metadata.tables[OutboxMessage.__tablename__]


@pytest.fixture
def installation(database_kind: str, tmp_path: Path) -> Iterator[Installation]:
    with process_database(database_kind) as url:
        yield make_installation(tmp_path, url)


def engine_of(made: Installation) -> Engine:
    return create_engine(made.behind)


def fill(engine: Engine, keyring: Keyring, tenant_id: str) -> None:
    now = ManualClock().now()
    rows = [
        {
            "id": f"msg_{number:06}",
            "tenant_id": tenant_id,
            "template": "none",
            "content": keyring.encrypt(str(number).encode(), place(f"msg_{number:06}")),
            "attempts": 0,
            "created_at": now,
            "due_at": now,
            "sent_at": now,
        }
        for number in range(VALUES)
    ]
    with engine.begin() as connection:
        connection.execute(insert(TABLE), rows)


def place(message_id: str) -> Place:
    return Place("outbox_messages", "content", message_id)


def under(engine: Engine, key_id: bytes) -> int:
    made_by = func.substr(TABLE.c.content, 2, 8)
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).where(made_by == key_id)) or 0


def test_a_killed_command_loses_nothing_and_the_next_one_goes_on(
    installation: Installation,
) -> None:
    key_file = installation.data_dir / "master.key"
    old = key_file.read_text().strip()
    tenant = installation.run(
        "tenants", "create", "globex", "--name", "Globex", "--type", "customer"
    )
    engine = engine_of(installation)
    fill(engine, Keyring.parse(old), tenant["id"])
    new = base64.b64encode(os.urandom(32)).decode()
    key_file.write_text(f"{new}\n{old}\n")
    keyring = Keyring.parse(f"{new} {old}")
    new_id, _ = keyring.ids
    command = [sys.executable, "-m", "authserver.cli", "keys", "reencrypt"]
    for _ in range(KILLS):
        before = under(engine, new_id)
        child = subprocess.Popen(
            command, env=installation.environment, stdout=subprocess.DEVNULL, stderr=None
        )
        wait_for(lambda before=before: under(engine, new_id) > before, "it to begin")
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert 0 < under(engine, new_id) < VALUES, "it was killed too late"
    check(engine, keyring)
    installation.run("keys", "reencrypt")
    assert under(engine, new_id) == VALUES
    check(engine, Keyring.parse(new))
    engine.dispose()


def check(engine: Engine, keyring: Keyring) -> None:
    """Open every value."""
    with engine.connect() as connection:
        rows = connection.execute(select(TABLE.c.id, TABLE.c.content)).all()
    opened = [int(keyring.decrypt(row.content, place(row.id))) for row in sorted(rows)]
    assert opened == list(range(VALUES))
    assert {bytes(row.content[KEY_ID]) for row in rows} <= set(keyring.ids)
