"""Changing the schema (Alembic): upgrades, and what differs from the models."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, text

from authserver.core.database.wall import access
from authserver.core.database.wall.access import Role
from authserver.core.resources import folder

# One upgrade at a time; the others wait and find nothing left to do.
_ADVISORY_LOCK = 0x61757468


def upgrade(engine: Engine, worker: Role | None = None) -> None:
    """Bring the schema to the newest version, all or nothing, and let a role work with it."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        command.upgrade(config(connection), "head")
        if worker is not None:
            access.admit(connection, worker)


def differences(engine: Engine, metadata: MetaData) -> list[str]:
    """Return what separates the database from the models: nothing, when all is well."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  slow, and rarely needed

    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        return [str(change) for change in compare_metadata(context, metadata)]


def config(connection: Connection) -> Config:
    """Return what Alembic's commands take, for a connection whose transaction the caller ends."""
    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
