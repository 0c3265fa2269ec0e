"""The process that keeps the workers running. `authserver serve` checks everything and becomes it.

It imports granian and next to nothing of the server: what it would import it would hold in memory
for as long as the server runs. Usage: python -m authserver.workers HOST PORT WORKERS THREADS
"""

import gc
import importlib
import os
import sys
from contextlib import suppress

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from authserver.children import end_children_when_asked

FACTORY = "authserver.app:serve_app"
_DRAIN_SECONDS = 30
_IDLE_SECONDS = 5
# Threads take turns in Python: a heap for each would only spread what they use over more memory.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}


def become(host: str, port: int, *, workers: int, threads: int) -> None:
    """Replace this process by the one that serves."""
    # -P: the present directory is nowhere to import from.
    served = [host, str(port), str(workers), str(threads)]
    program = [sys.executable, "-P", "-m", "authserver.workers", *served]
    os.execve(sys.executable, program, _ENVIRONMENT | os.environ)  # noqa: S606  ourselves


def serve(host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve until SIGTERM or Ctrl-C; requests under way are finished.

    Raises SystemExit, which says what is wrong, where nobody can listen there.
    """
    end_children_when_asked()
    # What a worker imports is no garbage; the application goes on collecting when it is made.
    gc.disable()
    _let_threads_finish()
    server = Granian(
        FACTORY,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        # What a burst needed goes soon: threads that are awake take the lock from each other.
        blocking_threads_idle_timeout=_IDLE_SECONDS,
        # A worker that dies is replaced; one that dies at once again ends the server.
        respawn_failed_workers=True,
        workers_kill_timeout=_DRAIN_SECONDS,
        log_level=LogLevels.error,
        log_access=False,
    )
    try:
        server.serve()
    except (OSError, RuntimeError) as error:
        why = str(error).partition("\n")[0]  # Rust may say from where in the lines below
        sys.exit(f"authserver: Cannot listen at {host}, port {port}: {why}.")


def import_application() -> None:
    """Import what the workers will: children of who has it begin with it."""
    importlib.import_module(FACTORY.partition(":")[0])


def _let_threads_finish() -> None:
    """Ask Linux not to stop a thread for each that wakes up: that one waits for it in Python."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _main(*arguments: str) -> None:
    host, port, workers, threads = arguments
    serve(host, int(port), workers=int(workers), threads=int(threads))


if __name__ == "__main__":
    _main(*sys.argv[1:])
