"""`authserver serve`: the server, in as many processes as asked for."""

import os
import signal
from collections.abc import Callable

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from authserver.cli.command import NotReady, Report
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.cli.ports import check_free
from authserver.settings import Settings, variable

FACTORY = "authserver.app:serve_app"
_MORE_THREADS = 8
_DRAIN_SECONDS = 30


@make_command("serve", example="authserver serve --port 8000 --workers 2")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes."
)
def command(settings: Settings, *, host: str, port: int, workers: int) -> Report:
    """Run the server until it gets SIGTERM or Ctrl-C; requests under way are finished.

    Refuses to start where the database is not set up or not up to date: it never migrates.
    """
    opened(settings).database.close()
    check_free(host, port)
    # Who waits for a password hash holds a thread: there are always more threads than may wait.
    threads = settings.hashing_running + settings.hashing_waiting + _MORE_THREADS
    # The processes read the environment again: they must find the same place.
    os.environ[variable("data_dir")] = str(settings.data_dir.absolute())
    bracketed = f"[{host}]" if ":" in host else host
    address = f"http://{bracketed}:{port}"
    document = {"address": address, "issuer": settings.issuer, "workers": workers}
    text = f"Serving {settings.issuer} at {address}; Ctrl-C ends it."
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
        # A worker that dies is replaced; one that dies at once again ends the server.
        respawn_failed_workers=True,
        workers_kill_timeout=_DRAIN_SECONDS,
        log_level=LogLevels.error,
        log_access=False,
    )
    return Report(document, text, then=lambda: _run(server.serve, address))


def _run(serve: Callable[[], None], address: str) -> None:
    # A worker begins with its parent's handlers: they would swallow a request to end, and the
    # server would wait for the worker until it is killed.
    os.register_at_fork(after_in_child=_end_when_asked)
    try:
        serve()
    except (OSError, RuntimeError) as error:
        raise NotReady(f"Cannot listen at {address}: {error}.") from error


def _end_when_asked() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
