"""How a setting is declared."""

from collections.abc import Callable
from dataclasses import field
from datetime import timedelta
from typing import Any

LANGUAGES = ("en", "de", "fr", "es")


def setting(default: Any, doc: str, parse: Callable[[str], Any] = str) -> Any:  # noqa: ANN401  dataclass field
    """Declare a setting: its default, its documentation, and what reads it."""
    return field(default=default, metadata={"doc": doc, "parse": parse})


def days(days: int) -> timedelta:
    """Return a time of so many days."""
    return timedelta(days=days)
