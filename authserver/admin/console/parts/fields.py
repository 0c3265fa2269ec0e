"""Fields of a form: what they hold, how what was typed becomes what an operation takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

_DIGITS = 12
Prepare = Callable[[dict[str, object]], dict[str, object]]


class Kind(StrEnum):
    """What a field is. LINES: one value a line, PAIRS: `name = value`. MANY: several choices.

    SECRET: what was typed is never shown again. FILE: an upload, which the operation takes in
    base64. COLOUR: `#rrggbb`.
    """

    TEXT = "text"
    EMAIL = "email"
    URL = "url"
    NUMBER = "number"
    DATE = "date"
    AREA = "area"
    LINES = "lines"
    PAIRS = "pairs"
    SECRET = "secret"  # noqa: S105  a kind of field
    CHECK = "check"
    CHOICE = "choice"
    MANY = "many"
    FILE = "file"
    COLOUR = "colour"


@dataclass(frozen=True)
class Field:
    """A field of a form, by the name that the operation's body has for it.

    `value` is what it has now. `choices`: value -> words, of `number`s where the operation wants
    one. What is optional and left empty is not sent on create, and taken away (null) on change.
    `mono`: an id or a URL, shown as such. `accept` are the types of a file.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    value: object = None
    optional: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    most: int | None = None
    mono: bool = False
    number: bool = False
    accept: str = "image/png, image/jpeg, image/webp"

    def typed(self, form: Mapping[str, str]) -> object:
        """Return what was typed, as an operation takes it; None for nothing."""
        if self.kind is Kind.CHECK:
            return self.name in form
        if self.kind is Kind.MANY:
            return [choice for choice in self.choices if f"{self.name}.{choice}" in form]
        text = form.get(self.name, "").strip()
        if self.kind is Kind.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        if self.kind is Kind.PAIRS:
            return dict(map(_pair, filter(str.strip, text.splitlines())))
        if self.kind is Kind.NUMBER or self.number:
            return _number(text)
        return text or None

    def changed(self, typed: object) -> bool:
        """Tell whether that is not what it has now."""
        if self.kind is Kind.CHECK:
            return bool(self.value) is not typed
        if self.kind is Kind.MANY:
            return set(_several(self.value)) != set(_several(typed))
        if self.kind is Kind.LINES:
            return _several(self.value) != _several(typed)
        if self.kind is Kind.PAIRS:
            return (self.value or {}) != typed
        return self.value != typed and (self.value or typed) not in {None, ""}


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def _number(text: str) -> object:
    """Return a number; what is none goes on as text, for the operation to refuse."""
    digits = text.removeprefix("-")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS
    return int(text) if is_number else text or None


def _several(value: object) -> list[object]:
    return [*value] if isinstance(value, list | tuple | set | frozenset) else []


@dataclass(frozen=True)
class Heading:
    """A heading between fields."""

    title: str
    hint: str = ""


@dataclass(frozen=True)
class Form:
    """A form for the operation `does`; `path` are the ids in its path.

    A create sends what was typed. A change (`PATCH`) sends what differs from the fields' values,
    under the `version` that they were read at. Everything else sends all it has. `retype` is the
    name that people type before something is destroyed. `prepare` makes the operation's body of
    what is sent, where that has another form. `template` is one that extends console/form.html,
    and finds `more` in the form. What `downloads` is answered by a file: the page stays.
    """

    does: str
    title: str
    button: str
    back: str
    fields: Sequence[Field | Heading] = ()
    path: Mapping[str, str] = field(default_factory=dict)
    lead: str = ""
    version: int | None = None
    danger: bool = False
    downloads: bool = False
    retype: str = ""
    prepare: Prepare | None = None
    template: str = "console/form.html"
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def takes_file(self) -> bool:
        """Tell whether the form sends a file."""
        return any(one.kind is Kind.FILE for one in self.inputs)

    @property
    def inputs(self) -> tuple[Field, ...]:
        """Return the fields without the headings."""
        return tuple(one for one in self.fields if isinstance(one, Field))


@dataclass(frozen=True)
class Secret:
    """A secret that is shown this once: `values` by their labels."""

    title: str
    lead: str
    values: Mapping[str, str]
    onward: str
    file_name: str
