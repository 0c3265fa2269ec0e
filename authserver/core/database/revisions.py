"""The schema's revision: which one the database is at, and which one the program needs.

Every command asks, and most have nothing else to do with Alembic, which takes long to import.
"""

from sqlalchemy import Engine, column, inspect, select, table

from authserver.core.resources import folder

_VERSION = table("alembic_version", column("version_num"))


def current(engine: Engine) -> str | None:
    """Return the revision the database is at. Never waits for SQLite's lock, as writers do."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if not inspect(connection).has_table(_VERSION.name):
            return None
        found: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
        return found


def newest() -> str | None:
    """Return the revision the program needs. A migration's file begins with its revision."""
    files = (folder("migrations") / "versions").glob("[0-9]*.py")
    return max((file.name.partition("_")[0] for file in files), default=None)


def pending(engine: Engine) -> bool:
    """Tell whether the database is not at the newest revision."""
    return current(engine) != newest()
