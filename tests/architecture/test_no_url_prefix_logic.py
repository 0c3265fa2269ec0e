"""No URL is ever judged by how its text begins: `https://good.example.evil.example` begins well."""

import ast
from pathlib import Path

import pytest

from tests.support.source import calls, method, modules, parsed, place

COMPARISONS = {"startswith", "endswith", "removeprefix", "removesuffix"}
URL_WORDS = {"url", "uri", "redirect", "issuer", "origin", "location", "host", "domain", "target"}
FILES = modules("authserver")


@pytest.mark.attack("ATK-029")
def test_no_url_is_compared_by_its_beginning_or_end() -> None:
    found = [
        place(path, call)
        for path in FILES
        for call in calls(path)
        if method(call) in COMPARISONS and (_names_a_url(call) or _looks_for_a_scheme(call))
    ]
    assert found == []


@pytest.mark.attack("ATK-029")
def test_urlparse_is_not_used() -> None:
    """It hides `;parameters` in the path's last segment."""
    found = [
        place(path, node)
        for path in FILES
        for node in ast.walk(parsed(path))
        if _mentions(node, {"urlparse", "urljoin"})
    ]
    assert found == []


@pytest.mark.attack("ATK-029")
def test_redirect_uris_are_compared_in_one_place_without_patterns() -> None:
    """Registered URIs are compared as whole strings; no regular expression, no wildcard."""
    matching = Path("authserver/clients/redirects.py")
    source = next(path for path in FILES if path.as_posix().endswith(matching.as_posix()))
    used = {
        alias.name
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not used & {"re", "fnmatch", "fnmatchcase", "glob"}


def _names_a_url(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    words = {
        word
        for node in ast.walk(call.func.value)
        for text in [getattr(node, "id", None) or getattr(node, "attr", None)]
        if isinstance(text, str)
        for word in text.lower().strip("_").split("_")
    }
    return bool(words & URL_WORDS or {word.removesuffix("s") for word in words} & URL_WORDS)


def _looks_for_a_scheme(call: ast.Call) -> bool:
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and ":/" in node.value
        for argument in call.args
        for node in ast.walk(argument)
    )


def _mentions(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name in names for alias in node.names)
    return getattr(node, "attr", None) in names
