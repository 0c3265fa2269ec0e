"""The SQL that runs, whichever way it goes to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from authserver.core.database import prepared


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
