"""What a change changes, line by line: of two documents in the file's form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

_DEPTH = 5  # tenants, slug, clients, name, field: whole values from there on


@dataclass(frozen=True)
class Change:
    """A part that comes, goes, or becomes another. `sign` is +, - or ~."""

    sign: str
    path: str
    before: Any = None
    after: Any = None

    def __str__(self) -> str:
        """Return it for people."""
        if self.sign == "~":
            return f"~ {self.path}: {_said(self.before)} -> {_said(self.after)}"
        value = self.after if self.sign == "+" else self.before
        return f"{self.sign} {self.path}" + ("" if value is None else f": {_said(value)}")


def difference(before: Any, after: Any) -> list[Change]:  # noqa: ANN401  any data
    """Return the changes, in the order of what is there afterwards."""
    return [*_differing(before, after, ())]


def _differing(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:  # noqa: ANN401  the same
    if before == after:
        return
    if not (isinstance(before, dict) and isinstance(after, dict)) or len(path) >= _DEPTH:
        yield Change("~", ".".join(path), before, after)
        return
    for name in [*after, *(name for name in before if name not in after)]:
        here = (*path, name)
        if name not in before:
            yield from _whole("+", after[name], here)
        elif name not in after:
            yield from _whole("-", before[name], here)
        else:
            yield from _differing(before[name], after[name], here)


def _whole(sign: str, value: Any, path: tuple[str, ...]) -> Iterator[Change]:  # noqa: ANN401  the same
    """Say of something that comes or goes what it is made of."""
    place = ".".join(path)
    if not isinstance(value, dict) or len(path) >= _DEPTH:
        yield Change(sign, place, value if sign == "-" else None, value if sign == "+" else None)
        return
    yield Change(sign, place)
    for name, one in value.items():
        yield from _whole(sign, one, (*path, name))


def _said(value: Any) -> str:  # noqa: ANN401  the same
    return orjson.dumps(value).decode()
