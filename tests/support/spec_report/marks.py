"""Which test says that it proves what."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.source import ROOT

MARKS = ("rfc", "bcp", "module")
# Some marks say in words what they are about, behind the number of the section.
_WORDS = re.compile(r"[,:;]| and ")
_NUMBER = re.compile(r"(?: section)?[ -]([0-9]+(?:\.[0-9]+)*)$")
_SPELLED = {
    "OIDC-CORE": "OpenID Connect Core",
    "OIDC-REGISTRATION": "OpenID Connect Registration",
    "OIDC": "OpenID Connect",
    "Initiating User Registration via OpenID Connect": "Prompt Create",
}


@dataclass(frozen=True)
class Proof:
    """A test and one thing it is marked with."""

    requirement: str
    path: str
    test: str

    @property
    def sentence(self) -> str:
        """The promise that the test's name is."""
        return self.test.removeprefix("test_").replace("_", " ")

    @property
    def name(self) -> str:
        return f"{self.path}::{self.test}"


def proofs() -> list[Proof]:
    """Return every mark of every test, in the order of the files."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return [proof for path in files for proof in _of(path)]


def section_of(requirement: str) -> str:
    """Return a requirement as tests/spec/requirements has it: without the words behind it."""
    short = _WORDS.split(requirement, maxsplit=1)[0]
    for spelled, name in _SPELLED.items():
        short = short.replace(spelled, name)
    return _NUMBER.sub(r" section \1", short) if short.startswith("OpenID") else short


def _of(path: Path) -> Iterator[Proof]:
    text = path.read_text()
    if not any(f"mark.{mark}(" in text for mark in MARKS):
        return
    tree = ast.parse(text)
    everywhere = [
        requirement
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_pytestmark(node)
        for call in ast.walk(node.value)
        if isinstance(call, ast.Call) and (requirement := _marked(call))
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            own = [said for one in node.decorator_list if (said := _marked(one))]
            for requirement in dict.fromkeys((*own, *everywhere)):
                yield Proof(requirement, path.relative_to(ROOT).as_posix(), node.name)


def _is_pytestmark(node: ast.Assign) -> bool:
    return any(isinstance(to, ast.Name) and to.id == "pytestmark" for to in node.targets)


def _marked(node: ast.expr) -> str | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    said = node.args[0] if node.args else None
    if node.func.attr in MARKS and isinstance(said, ast.Constant):
        return str(said.value)
    return None
