"""`authserver db`: the schema's version."""

import click
from sqlalchemy import Engine

from authserver import schema
from authserver.cli.command import NotReady, Report
from authserver.cli.command import command as make_command
from authserver.cli.opened import check_database_is_there
from authserver.core.database import migrations
from authserver.core.database.engine import make_engine, unavailable_when_down
from authserver.core.problems import Conflict
from authserver.settings import Settings


@click.group("db", epilog="\b\nExample:\n  authserver db check")
def command() -> None:
    """Bring the database's schema up to date, and look at it."""


@make_command("upgrade", group=command, example="authserver db upgrade")
def upgrade(settings: Settings) -> Report:
    """Bring the database to the newest revision, all or nothing."""
    engine = _engine(settings)
    with unavailable_when_down():
        before = migrations.current(engine)
        migrations.upgrade(engine)
        now = migrations.current(engine)
    text = f"At revision {now} already." if before == now else f"From {before} to {now}."
    return Report({"before": before, "revision": now}, text)


@make_command("current", group=command, example="authserver db current --json")
def current(settings: Settings) -> Report:
    """Show the revision the database is at, and the one this program needs."""
    with unavailable_when_down():
        present, needed = migrations.current(_engine(settings)), migrations.newest()
    text = f"The database is at {present or 'nothing'}, the program needs {needed}."
    return Report({"revision": present, "needed": needed, "pending": present != needed}, text)


@make_command("check", group=command, example="authserver db check")
def check(settings: Settings) -> Report:
    """Compare the database with the program; refused where they differ."""
    engine = _engine(settings)
    with unavailable_when_down():
        if migrations.pending(engine):
            raise NotReady("A migration is pending: run `authserver db upgrade`.")
        found = migrations.differences(engine, schema.metadata)
    if found:
        raise Conflict(f"The database differs from the program: {'; '.join(found)}")
    revision = migrations.newest()
    return Report({"revision": revision, "differences": found}, f"All is well at {revision}.")


def _engine(settings: Settings) -> Engine:
    check_database_is_there(settings)
    return make_engine(settings.sqlalchemy_url)
