"""What a variable's text may be, and how a setting is declared."""

from collections.abc import Callable
from dataclasses import field
from datetime import timedelta
from typing import Any

LANGUAGES = ("en", "de", "fr", "es")


def seconds(text: str) -> timedelta:
    """Read a time of at least a second."""
    seconds = int(text)
    if seconds < 1:
        raise ValueError("must be at least 1 second")
    return timedelta(seconds=seconds)


def count(text: str) -> int:
    """Read a whole number."""
    if not text.isascii() or not text.isdigit():
        raise ValueError("must be a whole number")
    return int(text)


def level(text: str) -> str:
    """Read a level of the log."""
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def language(text: str) -> str:
    """Read one of LANGUAGES."""
    if text not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return text


def choice(*choices: str) -> Callable[[str], str]:
    """Return what reads one of the choices."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be {' or '.join(choices)}")
        return text

    return parse


def setting(default: Any, doc: str, parse: Callable[[str], Any] = str) -> Any:  # noqa: ANN401  dataclass field
    """Declare a setting: its default, its documentation, and what reads it."""
    return field(default=default, metadata={"doc": doc, "parse": parse})


def days(days: int) -> timedelta:
    """Return a time of so many days."""
    return timedelta(days=days)
