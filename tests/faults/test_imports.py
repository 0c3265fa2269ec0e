"""kill -9 while people are imported: each row becomes one account, and no row two."""

import csv
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select, update

from authserver.jobs.models import Job
from authserver.schema import metadata
from tests.conftest import process_database
from tests.support.process import Installation, make_installation, wait_for

pytestmark = pytest.mark.processes

ROWS, KILLS = 600, 2
USERS, JOBS = metadata.tables["users"], metadata.tables[Job.__tablename__]


@pytest.fixture
def installation(database_kind: str, tmp_path: Path) -> Iterator[Installation]:
    with process_database(database_kind) as url:
        yield make_installation(tmp_path, url)


def engine_of(made: Installation) -> Engine:
    return create_engine(made.behind)


def done(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(JOBS.c.done)) or 0


def test_a_killed_import_is_gone_on_with_and_makes_everybody_once(
    installation: Installation, tmp_path: Path
) -> None:
    installation.run("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    file = tmp_path / "people.csv"
    with file.open("w") as out:
        writer = csv.writer(out)
        writer.writerow(["email", "name"])
        writer.writerows((f"p{n}@globex.example", f"Person {n}") for n in range(ROWS))
    installation.run("users", "import", str(file), "--tenant", "globex", "--background")
    engine = engine_of(installation)
    command = [sys.executable, "-m", "authserver.cli", "worker"]
    for number in range(KILLS + 1):
        before = done(engine)
        child = subprocess.Popen(
            command, env=installation.environment, stdout=subprocess.DEVNULL, stderr=None
        )
        enough = ROWS if number == KILLS else before + 1
        wait_for(lambda enough=enough: done(engine) >= enough, "it to go on")
        child.send_signal(signal.SIGKILL)
        child.wait()
        with engine.begin() as connection:  # a minute later
            connection.execute(update(JOBS).values(claimed_until=None))
    with engine.connect() as connection:
        made = connection.scalars(
            select(USERS.c.email).where(USERS.c.email.like("p%@globex.example"))
        ).all()
        job = connection.execute(select(JOBS)).mappings().one()
        parts = connection.scalar(select(func.count()).select_from(metadata.tables["job_parts"]))
    assert sorted(made) == sorted({f"p{n}@globex.example" for n in range(ROWS)})
    assert (job["state"], job["done"], job["refused"], parts) == ("done", ROWS, 0, 0)
    engine.dispose()
