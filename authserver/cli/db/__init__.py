"""`authserver db`: the schema's version, and what is over in the tables.

Each command imports what is slow and its own: `current` needs a quarter of the program.
"""

import click
from sqlalchemy import Engine

from authserver.cli.command import NotReady, Report
from authserver.cli.command import command as make_command
from authserver.cli.db.ready import about_walls, check_database_is_there, worker_of
from authserver.core.database import revisions
from authserver.core.database.down import unavailable_when_down
from authserver.core.database.engine import make_engine
from authserver.core.database.wall.missing import holes
from authserver.core.problems import Conflict
from authserver.settings import Settings


@click.group("db", epilog="\b\nExample:\n  authserver db check")
def command() -> None:
    """Bring the database's schema up to date, look at it, and delete what is over."""


@make_command("upgrade", group=command, example="authserver db upgrade")
def upgrade(settings: Settings) -> Report:
    """Bring the database to the newest revision, all or nothing.

    With AUTHSERVER_DATABASE_OWNER_URL it works as that role, and lets the one of
    AUTHSERVER_DATABASE_URL do what the server does, which is made where it is missing.
    """
    from authserver.core.database import migrations  # noqa: PLC0415  slow

    check_database_is_there(settings)
    engine, worker = make_engine(settings.owner_url), worker_of(settings)
    with unavailable_when_down():
        before = revisions.current(engine)
        migrations.upgrade(engine, worker)
        now = revisions.current(engine)
    lines = [f"At revision {now} already." if before == now else f"From {before} to {now}."]
    lines += [f"The role {worker.name} may work with it."] if worker else []
    document = {"before": before, "revision": now, "role": worker and worker.name}
    return Report(document, "\n".join(lines))


@make_command("current", group=command, example="authserver db current --json")
def current(settings: Settings) -> Report:
    """Show the revision the database is at, and the one this program needs."""
    with unavailable_when_down():
        present, needed = revisions.current(_engine(settings)), revisions.newest()
    text = f"The database is at {present or 'nothing'}, the program needs {needed}."
    return Report({"revision": present, "needed": needed, "pending": present != needed}, text)


@make_command("check", group=command, example="authserver db check")
def check(settings: Settings) -> Report:
    """Compare the database with the program; refused where they differ."""
    from authserver import schema  # noqa: PLC0415  slow: every table
    from authserver.core.database import migrations  # noqa: PLC0415  slow

    engine = _engine(settings)
    with unavailable_when_down():
        if revisions.pending(engine):
            raise NotReady("A migration is pending: run `authserver db upgrade`.")
        found = migrations.differences(engine, schema.metadata)
        with engine.connect() as connection:
            found += holes(connection)
        walled, said = about_walls(engine)
    if settings.database_owner_url and not walled:
        found.append("row security does not bind the role of AUTHSERVER_DATABASE_URL")
    if found:
        raise Conflict(f"The database differs from the program: {'; '.join(found)}")
    revision = revisions.newest()
    document = {"revision": revision, "differences": found, "row_security": walled}
    return Report(document, "\n".join([f"All is well at {revision}.", *said]))


@make_command("prune", group=command, example="authserver db prune --dry-run")
@click.option("--dry-run", is_flag=True, help="Count what is over, and delete nothing.")
def prune(settings: Settings, *, dry_run: bool) -> Report:
    """Delete what is over: links, half sign-ins, sent mails, ended sessions and the like.

    The server, or its worker, does so every hour. docs/operations.md says what is kept how long.
    """
    from authserver.cli.opened import opened  # noqa: PLC0415  slow: everything

    pruner = opened(settings).pruner
    rows = pruner.count() if dry_run else pruner.prune()
    lines = [f"  {number:>8}  {name}" for name, number in rows.items() if number]
    text = f"{sum(rows.values())} rows are over" if dry_run else f"{sum(rows.values())} rows went"
    return Report({"dry_run": dry_run, "rows": dict(rows)}, "\n".join([text, *lines]))


def _engine(settings: Settings) -> Engine:
    check_database_is_there(settings)
    return make_engine(settings.sqlalchemy_url)
