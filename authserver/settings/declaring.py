"""How a setting is declared, and what several of them name."""

from collections.abc import Callable
from dataclasses import field
from typing import Any

PRODUCT = "authserver"
LANGUAGES = ("en", "de", "fr", "es")
ARGON2ID = "argon2id"
SCHEMES = ("bcrypt", ARGON2ID)


def setting(default: Any, doc: str, parse: Callable[[str], Any] = str) -> Any:  # noqa: ANN401  dataclass field
    """Return the field of a setting: its default, what it is for, and how its text is read."""
    return field(default=default, metadata={"doc": doc, "parse": parse})
