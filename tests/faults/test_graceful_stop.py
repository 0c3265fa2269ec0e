"""SIGTERM: what was asked is answered, then the server ends."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
from sqlalchemy import text

from tests.faults.conftest import Site
from tests.faults.test_kill import EVENTS, check_ledger, target_of
from tests.support.load import Load
from tests.support.process import ServerProcess, wait_for

pytestmark = pytest.mark.processes

CALLERS = 8
BEFORE, AFTER = 200, 100
EFFECTS = text("SELECT correlation_id, type FROM audit_events")


def effects(site: Site) -> set[str]:
    """Return the requests that changed something."""
    with site.database() as engine, engine.connect() as connection:
        rows = connection.execute(EFFECTS)
        return {row.correlation_id for row in rows if row.type in EVENTS.values()}


def test_a_server_that_is_asked_to_stop_answers_whatever_it_began(site: Site) -> None:
    with site.two_servers() as (first, second):
        target = target_of(site, first, second)
        before = effects(site)
        with Load(target, CALLERS) as load:
            wait_for(lambda: len(load.ledger) >= BEFORE, "the load to run")
            assert first.stop() == 0
            stopped = len(load.ledger)
            wait_for(lambda: len(load.ledger) >= stopped + AFTER, "the other server to go on")
        assert load.ledger.refused == []
        # A connection may be closed while it is idle: what was lost with it had no effect.
        answered = {one.correlation_id for one in load.ledger.acknowledged}
        assert effects(site) - before <= answered
        with site.database() as database:
            check_ledger(database, load.ledger)


def test_a_server_ends_at_once_while_a_worker_still_starts(site: Site) -> None:
    with ServerProcess(site.installation, workers=2) as server:
        dead = server.workers()[0]
        os.kill(dead, signal.SIGKILL)
        wait_for(lambda: dead not in server.workers() and len(server.workers()) == 2, "another")
        began = time.monotonic()
        assert server.stop() == 0
        # Far below the half minute that requests under way may take.
        assert time.monotonic() - began < 20


CHILD_ASKED_AT_ONCE = """
import os, signal
from authserver.children import end_children_when_asked

# Hooks run in their order: this one is the moment before the child has done anything.
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.{number}))
signal.signal(signal.{number}, lambda *_: None)
end_children_when_asked()
child = os.fork()
if not child:
    os._exit(0)
print(os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.{number})
os.kill(os.getpid(), signal.{number})
print("goes on")
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_a_worker_that_has_not_begun_to_run_ends_when_it_is_asked(number: str) -> None:
    program = (sys.executable, "-c", CHILD_ASKED_AT_ONCE.format(number=number))
    done = subprocess.run(program, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split("\n") == ["True", "goes on", ""]


def test_where_another_listens_a_server_says_so_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        program = (sys.executable, "-m", "authserver.workers", "127.0.0.1", port, "1", "4")
        done = subprocess.run(program, check=False, capture_output=True, text=True, timeout=60)
    said = f"authserver: Cannot listen at 127.0.0.1, port {port}: Address already in use"
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
