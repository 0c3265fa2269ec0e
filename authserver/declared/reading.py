"""A file of YAML, read strictly: plain data, each name once, and the line of everything.

Less than YAML: no anchors and aliases (a small file could become a large one), no tags, and only
`true` and `false` are truth values, so that a country's `no` stays a text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from authserver.core.problems import Problem

Path = tuple[str | int, ...]
MOST_BYTES, MOST_DEPTH = 4 * 1024 * 1024, 16
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class UnfitFile(Problem):
    """The file cannot be made so; the description says where and why."""

    code = "unfit_file"
    title = "The file cannot be made so"


@dataclass(frozen=True)
class Read:
    """What a file says, and in which line each part of it begins."""

    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(text: str) -> Read:
    """Read a file. Raises UnfitFile."""
    if len(text.encode()) > MOST_BYTES:
        raise UnfitFile(f"The file has more than {MOST_BYTES} bytes.")
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            _check_event(event)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UnfitFile(f"line {line}: {error.problem or 'this is no YAML'}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UnfitFile("The file is no YAML.") from error
    lines: dict[Path, int] = {}
    return Read(None if node is None else _value(node, (), lines), lines)


def _check_event(event: yaml.Event) -> None:
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise UnfitFile(f"line {line}: anchors and aliases are not for this file.")
    if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) is not None:
        raise UnfitFile(f"line {line}: tags are not for this file.")


def _value(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Any:  # noqa: ANN401  any data
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > MOST_DEPTH:
        raise UnfitFile(f"line {lines[path]}: this is nested too deeply.")
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, lines))
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, (*path, index), lines) for index, one in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError("YAML has three kinds of nodes")
    return _scalar(node)


def _pairs(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            raise UnfitFile(f"line {line}: a name is a text.")
        if key.value in seen:
            raise UnfitFile(f"line {line}: {key.value!r} is there twice.")
        seen.add(key.value)
        lines[*path, key.value] = line
        yield key.value, _value(value, (*path, key.value), lines)


def _scalar(node: yaml.ScalarNode) -> str | int | bool | None:
    text = str(node.value)
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _NUMBER.fullmatch(text) else text
