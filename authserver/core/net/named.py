"""Places that a setting names: `NAME=URL`, with spaces between, each name once and for good."""

import re
from collections.abc import Sequence

_NAME = re.compile(r"[a-z][a-z0-9-]*")
LONGEST = 40


def named(text: str) -> tuple[str, str]:
    """Return the name and the rest of NAME=…. Raises ValueError."""
    name, equals, rest = text.partition("=")
    if not equals or not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise ValueError(f"{text!r} is not NAME=URL, with a name of a-z, 0-9 and '-'")
    return name, rest


def each_once(names: Sequence[str], what: str) -> None:
    """Refuse two of one name. Raises ValueError; `what` says what they are."""
    if len(set(names)) != len(names):
        raise ValueError(f"two {what} have the same name")
