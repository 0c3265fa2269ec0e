"""What ends files that were made for somebody, and what is known of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from authserver.ops.pruning import Kind

_KNOWN_FOR = timedelta(days=30)


def of_files(
    names: tuple[str, str],
    file: Any,  # noqa: ANN401  a model with `created_at`
    part: Any,  # noqa: ANN401  the model of its parts, which have `export_id`
    *,
    over: Callable[[datetime], ColumnElement[bool]],
) -> tuple[Kind, Kind]:
    """Return what files hold once they are over, and a month later what is known of them."""

    def parts(now: datetime) -> ColumnElement[bool]:
        found: ColumnElement[bool] = part.export_id.in_(select(file.id).where(over(now)))
        return found

    def files(now: datetime) -> ColumnElement[bool]:
        left = select(part.export_id).where(part.export_id == file.id)
        return and_(file.created_at <= now - _KNOWN_FOR, ~left.exists())

    return Kind(names[0], part, parts), Kind(names[1], file, files)
