"""Whether there is a database, at which revision, and whose: what a command can ask at once.

Imports little: `db current` is asked by scripts, again and again, and before the program is used.
"""

from pathlib import Path

from sqlalchemy import Engine, make_url

from authserver.cli.command import NotReady
from authserver.core.database import revisions
from authserver.core.database.down import unavailable_when_down
from authserver.core.database.wall.access import Role, holds
from authserver.settings import Settings


def check_database_is_there(settings: Settings) -> None:
    """Raise NotReady where SQLite would quietly make an empty database."""
    # Connecting would make an empty file, and the next command would find a database.
    url = make_url(settings.sqlalchemy_url)
    missing = url.get_backend_name() == "sqlite" and not _exists(url.database)
    if missing:
        raise NotReady(f"There is no database in {settings.data_dir}: run `authserver init`.")


def _exists(database: str | None) -> bool:
    return database is not None and Path(database).exists()


def check_schema(engine: Engine) -> None:
    """Raise NotReady unless the database is at the newest revision."""
    with unavailable_when_down():
        present = revisions.current(engine)
    if present is None:
        raise NotReady("The database is empty: run `authserver init`.")
    if present != revisions.newest():
        raise NotReady(
            f"The database is at revision {present}, this program needs {revisions.newest()}:"
            " run `authserver db upgrade`."
        )


def worker_of(settings: Settings) -> Role | None:
    """Return the role that is to work with the tables, None where their owner does."""
    return Role.of(settings.sqlalchemy_url) if settings.database_owner_url else None


def about_walls(engine: Engine) -> tuple[bool, list[str]]:
    """Tell whether row security binds the server's role, and say so where that is to be said."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if holds(connection):
            return True, []
    if engine.dialect.name == "sqlite":
        return False, []
    text = "Row security does not hold: the server's role owns the tables (docs/operations.md)."
    return False, [text]
