"""The SQL that runs, whichever way it goes to the database; and all that is stored there."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, func, select

from authserver.core.database import prepared
from authserver.schema import metadata
from tests.support.world import World


@contextmanager
def executed(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements of the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    prepared.watchers.append(seen.append)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
        prepared.watchers.pop()


def every_row(world: World) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return all that is stored, with the name of the table."""
    with world.services.database.read() as view:
        for table in metadata.sorted_tables:
            for row in view.platform().execute(select(table)).mappings():
                yield table.name, dict(row)


def counted(world: World) -> Counter[str]:
    """Return how many rows each table has."""
    counts = {
        table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables
    }
    with world.services.database.read() as view:
        found = {name: view.platform().scalar(count) for name, count in counts.items()}
    return Counter({name: count for name, count in found.items() if count})
