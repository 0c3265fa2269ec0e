"""The documentation as a test reads it: code blocks, tables, links."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.source import ROOT

README = "README.md"
FOLDERS = ("docs", "docs/security")
PAGES = (
    README,
    *sorted(f"{at}/{path.name}" for at in FOLDERS for path in (ROOT / at).glob("*.md")),
)
EXECUTED = frozenset({"bash", "python", "sql"})

_BLOCK = re.compile(r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block. `title` is what tests call it by; for a program, its file's name."""

    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    name: str
    text: str

    @classmethod
    def read(cls, name: str) -> Self:
        return cls(name, (ROOT / name).read_text())

    @property
    def folder(self) -> Path:
        return (ROOT / self.name).parent

    @property
    def blocks(self) -> list[Block]:
        return [Block(*found) for found in _BLOCK.findall(self.text)]

    def block(self, title: str) -> Block:
        """Return the one block with this title."""
        [found] = [block for block in self.blocks if block.title == title]
        return found

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _BLOCK.sub("", self.text)

    @property
    def links(self) -> list[str]:
        return [first or second for first, second in _LINK.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """The fragments by which headings can be linked to, as GitHub makes them."""
        kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in _HEADING.findall(self.prose))
        return {title.replace(" ", "-") for title in kept}

    def section(self, heading: str) -> str:
        """Return the text under a heading, up to the next of any level."""
        _, _, rest = self.text.partition(f"# {heading}\n")
        assert rest, f"{self.name} has no heading {heading!r}"
        return _HEADING.split(rest, maxsplit=1)[0]

    def table(self, heading: str) -> dict[str, list[str]]:
        """Return the first table under a heading: the first cell of each row, and the others."""
        lines = [line for line in self.section(heading).splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
        return {row[0].strip("`"): row[1:] for row in rows}


def names_in(text: str) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`]+)`", text)
