"""The project's own source, read by the tests of its architecture."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "authserver"


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Return the Python files below folders of the project."""
    return tuple(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


@cache
def parsed(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    """Give every call in a file."""
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call))


def method(call: ast.Call) -> str:
    """Return the name behind the last dot of what is called; empty for a plain function."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def function(call: ast.Call) -> str:
    """Return the name of a function that is called plainly; empty for a method."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def place(path: Path, node: ast.AST | None = None) -> str:
    """Return `folder/file.py:line` for a message."""
    line = f":{getattr(node, 'lineno', '')}" if node else ""
    return f"{path.relative_to(ROOT).as_posix()}{line}"


def name(path: Path) -> str:
    """Return a file's path from the project's folder."""
    return place(path)


def repository_files() -> list[Path]:
    """Return what is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / part for part in listed.split("\0") if part and (ROOT / part).is_file()]
