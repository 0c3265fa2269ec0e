"""Small files, small functions, small packages (a larger one is two nouns)."""

import ast
from pathlib import Path

import pytest

from tests.support.source import SERVER, modules, name, parsed, place

FILE_LINES = 300
# Carried away as one file, to be read and run where there is nothing else of ours.
ALONE = {"authserver/sdk/trail_verifier.py": 1000}
FUNCTION_LINES = 50
PACKAGE_MODULES = 12
NAMELESS = {"__init__", "__main__"}
CODE = modules("authserver", "benchmarks", "tests")
PACKAGES = sorted(path.parent for path in SERVER.rglob("__init__.py"))


def test_every_file_can_be_read_at_once() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in CODE}
    most = {path: ALONE.get(path, FILE_LINES) for path in lengths}
    assert {path: lines for path, lines in lengths.items() if lines > most[path]} == {}


def test_every_function_can_be_seen_at_once() -> None:
    too_long = [
        f"{place(path, node)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in CODE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert too_long == []


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_package_holds_one_noun(package: Path) -> None:
    counted = (path for path in package.glob("*.py") if name(path) not in ALONE)
    held = sorted(path.stem for path in counted if path.stem not in NAMELESS)
    assert len(held) <= PACKAGE_MODULES, f"{len(held)} modules: {', '.join(held)}"


@pytest.mark.parametrize("package", PACKAGES[1:], ids=name)
def test_package_says_what_it_owns(package: Path) -> None:
    assert ast.get_docstring(parsed(package / "__init__.py"))


def test_importing_the_top_package_imports_nothing() -> None:
    assert (SERVER / "__init__.py").read_text() == ""
