"""What a database is at and what the program needs, as Alembic would say it."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from authserver.core.database import migrations, revisions
from authserver.core.database.engine import make_engine
from authserver.core.resources import folder


def test_every_migration_is_a_file_that_begins_with_its_revision() -> None:
    scripts = ScriptDirectory(str(folder("migrations")))
    named = {script.revision: Path(script.path).name for script in scripts.walk_revisions()}
    assert [
        revision for revision, name in named.items() if not name.startswith(f"{revision}_")
    ] == []
    assert sorted(named) == list(named)[::-1]
    assert revisions.newest() == scripts.get_current_head()


def test_a_database_is_at_nothing_and_then_at_the_newest(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/test.db")
    assert revisions.current(engine) is None
    assert revisions.pending(engine)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        alembic = MigrationContext.configure(connection).get_current_revision()
    assert revisions.current(engine) == revisions.newest() == alembic
    assert not revisions.pending(engine)
    engine.dispose()


def test_whoever_asks_for_the_revision_waits_for_no_writer(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'own.db'}")
    with engine.connect() as writer:  # which holds SQLite's only lock from its beginning
        writer.exec_driver_sql("CREATE TABLE anything (id INTEGER)")
        assert revisions.current(engine) is None
    engine.dispose()
