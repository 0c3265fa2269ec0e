"""What a specification demands, section by section: tests/spec/requirements."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.source import ROOT

FOLDER = ROOT / "tests/spec/requirements"
_TITLE = re.compile(r"^# (.+?): (.+)$", re.MULTILINE)
_ITEM = re.compile(r"^- ([\w.-]+): (.+(?:\n  .+)*)$", re.MULTILINE)
_DEVIATIONS = "\n## Deviations\n"


@dataclass(frozen=True)
class Specification:
    """One document: its demands by section, and what is not done, with the reason."""

    name: str
    title: str
    demands: dict[str, str]
    deviations: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Self:
        text = path.read_text()
        title = _TITLE.search(text)
        assert title is not None, f"{path} has no title"
        demanded, _, deviating = text.partition(_DEVIATIONS)
        return cls(title[1], title[2], _items(demanded), _items(deviating))

    def requirement(self, section: str) -> str:
        """Return what a mark says of a section: `RFC 6749 section 4.1`, or the row itself."""
        return section if self.name == "RFC 9700" else f"{self.name} section {section}"


def _items(text: str) -> dict[str, str]:
    return {section: " ".join(words.split()) for section, words in _ITEM.findall(text)}


def specifications() -> list[Specification]:
    """Return all of them: by number, then those that have a name."""
    read = [Specification.read(path) for path in FOLDER.glob("*.md")]
    return sorted(read, key=lambda one: (not one.name.startswith("RFC"), len(one.name), one.name))
