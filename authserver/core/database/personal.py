"""Columns about people say so where they are declared; export and erasure walk the declarations.

Every column is declared with `technical` or `personal`: a test fails for one that is neither.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy.orm import MappedColumn, mapped_column


class OnErasure(Enum):
    """What becomes of a personal value when the person is erased (GDPR Article 17)."""

    BLANK = "blank"  # the value is replaced by nothing
    DELETE_ROW = "delete row"  # the row goes
    KEEP = "keep"  # the value is needed and says nothing once the rest is gone


@dataclass(frozen=True)
class Personal:
    """How a personal column is treated in export and erasure."""

    export: bool
    on_erasure: OnErasure


def personal(*args: Any, export: bool, on_erasure: OnErasure, **kwargs: Any) -> MappedColumn[Any]:  # noqa: ANN401  passed on to mapped_column
    """Declare a column that holds something about a person."""
    return mapped_column(*args, info={"personal": Personal(export, on_erasure)}, **kwargs)


def technical(*args: Any, **kwargs: Any) -> MappedColumn[Any]:  # noqa: ANN401  passed on to mapped_column
    """Declare a column that holds nothing about a person."""
    return mapped_column(*args, info={"personal": None}, **kwargs)
