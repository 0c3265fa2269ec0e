"""Fields that know their values: each has the name that the thing itself has for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authserver.admin.console.parts.fields import Field, Kind


@dataclass(frozen=True)
class Present:
    """Makes the fields of a form about a thing; of a thing to come they are empty.

    `options.alg` is the `alg` of the thing's `options`. `usual` is what a new thing begins with.
    """

    thing: object | None = None
    usual: Mapping[str, object] = field(default_factory=dict)

    def value(self, name: str) -> object:
        """Return what the thing has by this name."""
        if self.thing is None:
            return self.usual.get(name)
        found: Any = self.thing
        for part in name.split("."):
            found = getattr(found, part)
        return found

    def text(self, name: str, label: str, hint: str = "", **more: Any) -> Field:  # noqa: ANN401  a field's own
        """Return a line of text."""
        return Field(name, label, Kind.TEXT, hint, self.value(name), **more)

    def mono(self, name: str, label: str, hint: str = "", **more: Any) -> Field:  # noqa: ANN401  the same
        """Return a line of text that is a name of a protocol."""
        return Field(name, label, Kind.TEXT, hint, self.value(name), mono=True, **more)

    def link(self, name: str, label: str, hint: str = "") -> Field:
        """Return a URL, or none."""
        return Field(name, label, Kind.URL, hint, self.value(name), mono=True, optional=True)

    def number(self, name: str, label: str, hint: str = "", **more: Any) -> Field:  # noqa: ANN401  the same
        """Return a whole number."""
        return Field(name, label, Kind.NUMBER, hint, self.value(name), **more)

    def lines(self, name: str, label: str, hint: str = "") -> Field:
        """Return texts, one a line."""
        return Field(name, label, Kind.LINES, hint, self.value(name), mono=True)

    def pairs(self, name: str, label: str, hint: str = "") -> Field:
        """Return texts by names, one pair a line."""
        return Field(name, label, Kind.PAIRS, hint, self.value(name), mono=True)

    def tick(self, name: str, label: str, hint: str = "") -> Field:
        """Return a yes or no."""
        return Field(name, label, Kind.CHECK, hint, self.value(name))
