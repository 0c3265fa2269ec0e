"""`authserver init`: set up what is missing, touch nothing that is there."""

from contextlib import closing

from sqlalchemy import Engine, inspect

from authserver.cli.command import NotReady, Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.db.ready import worker_of
from authserver.core.clock import SystemClock
from authserver.core.crypto import create_master_key
from authserver.core.database import revisions
from authserver.core.database.down import unavailable_when_down
from authserver.core.database.engine import Database, Transaction, make_engine
from authserver.settings import Settings
from authserver.tenants.models import Installation
from authserver.tenants.service import bump_snapshots, instance_of, verify_master_key
from authserver.wiring.keys.master import MASTER_KEY_FILE, load_keyring
from authserver.wiring.services import Services, build


@make_command("init", example="authserver init --data-dir /var/lib/authserver")
def command(settings: Settings) -> Report:
    """Set up a data directory: master key, database, installation and signing keys.

    Running it again completes what is missing and loses nothing.
    """
    done = initialise(settings)
    place = settings.data_dir.absolute()
    text = (
        [f"Ready: {place}", *(f"  {step}" for step in done)]
        if done
        else [f"Everything was there already: {place}"]
    )
    document = {"data_dir": str(place), "issuer": settings.issuer, "done": done}
    return Report(document, "\n".join(text))


def initialise(settings: Settings) -> list[str]:
    """Do what is missing and return it in words. Raises MasterKeyError for a wrong key."""
    done = _make_folder(settings)
    first = Database(make_engine(settings.owner_url))
    with closing(first) as database, unavailable_when_down():
        done += _make_key(settings, database) + _migrate(settings, database.engine)
    services = build(settings, SystemClock())
    with closing(services.database):
        return done + _make_installation(services)


def _make_folder(settings: Settings) -> list[str]:
    if settings.data_dir.is_dir():
        return []
    settings.data_dir.mkdir(mode=0o700, parents=True)
    return [f"made the data directory {settings.data_dir}"]


def _make_key(settings: Settings, database: Database) -> list[str]:
    path = settings.data_dir / MASTER_KEY_FILE
    in_use = _is_set_up(database)
    if settings.master_key or path.exists():
        keyring = load_keyring(settings)
        if in_use:
            with database.read() as view:
                verify_master_key(view, keyring)
        return []
    if in_use:
        raise NotReady(f"The database is in use, but its master key {path} is gone: restore it.")
    create_master_key(path)
    return [f"made the master key {path}: keep a copy of it elsewhere"]


def _is_set_up(database: Database) -> bool:
    if not inspect(database.engine).has_table(Installation.__tablename__):
        return False
    with database.read() as view:
        return view.platform().get(Installation, 1) is not None


def _migrate(settings: Settings, engine: Engine) -> list[str]:
    if not revisions.pending(engine):
        return []
    from authserver.core.database import migrations  # noqa: PLC0415  slow, and rarely needed

    migrations.upgrade(engine, worker_of(settings))
    return [f"brought the database to revision {revisions.newest()}"]


def _make_installation(services: Services) -> list[str]:
    """Write the installation's row and the platform's first keys, where they are missing."""

    def job(transaction: Transaction) -> list[str]:
        new = services.tenants.set_up(transaction, services.keyring)
        actor = operator(instance_of(transaction))
        made = services.keys.ensure(transaction, None, actor)
        if made:
            bump_snapshots(transaction)
        return (["made the installation"] if new else []) + [f"made the key {kid}" for kid in made]

    return services.database.write(job)
