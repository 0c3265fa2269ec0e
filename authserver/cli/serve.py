"""`authserver serve`: the server, in as many processes as asked for."""

import os
from functools import partial

import click

from authserver import workers
from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.db.ready import about_walls
from authserver.cli.opened import opened
from authserver.cli.ports import check_free
from authserver.settings import Settings, variable
from authserver.wiring.fetching import threads


@make_command("serve", example="authserver serve --port 8000 --workers 2")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port."
)
@click.option(
    "--workers",
    "processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes.",
)
def command(settings: Settings, *, host: str, port: int, processes: int) -> Report:
    """Run the server until it gets SIGTERM or Ctrl-C; requests under way are finished.

    Refuses to start where the database is not set up or not up to date: it never migrates.
    """
    services = opened(settings)
    _, said = about_walls(services.database.engine)
    services.database.close()
    check_free(host, port)
    # The processes read the environment again: they must find the same place.
    os.environ[variable("data_dir")] = str(settings.data_dir.absolute())
    bracketed = f"[{host}]" if ":" in host else host
    address = f"http://{bracketed}:{port}"
    document = {"address": address, "issuer": settings.issuer, "workers": processes}
    lines = [f"Serving {settings.issuer} at {address}; Ctrl-C ends it.", *said]
    serve = partial(workers.become, host, port, workers=processes, threads=threads(settings))
    return Report(document, "\n".join(lines), then=serve)
