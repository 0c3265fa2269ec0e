"""Documentation that can be compared with the code is compared."""

import ast
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from authserver.audit.events import EventType
from authserver.oauth.errors import OAuthError
from authserver.settings import Settings
from tests.support.docs import DOCUMENTS, ERROR_MEANS
from tests.support.source import SERVER, modules, parsed

CODE = "\n".join(
    path.read_text()
    for path in modules("authserver")
    if path not in {SERVER / "settings" / "__init__.py", SERVER / "audit" / "events.py"}
)
USED_IN_SETTINGS = "database_url"


@pytest.mark.parametrize(
    ("path", "generate"), DOCUMENTS.items(), ids=lambda value: getattr(value, "name", "")
)
def test_document_says_what_the_code_says(path: Path, generate: Callable[[], str]) -> None:
    assert path.read_text() == generate(), "run: python -m tests.support.docs"


def test_every_error_code_has_a_meaning_and_no_meaning_is_left_over() -> None:
    assert set(ERROR_MEANS) == set(OAuthError.STATUS)


@pytest.mark.parametrize("setting", [item.name for item in fields(Settings)])
def test_setting_is_used(setting: str) -> None:
    assert setting in CODE or setting == USED_IN_SETTINGS


@pytest.mark.parametrize("event", list(EventType), ids=lambda event: event.value)
def test_event_is_recorded_somewhere(event: EventType) -> None:
    assert f"EventType.{event.name}" in CODE


def test_environment_variables_are_read_in_one_place() -> None:
    """The command line and the server's start pass `os.environ` on; nobody else looks at it.

    workers.py begins a process, which inherits it whole.
    """
    allowed = {"cli", "demo"}
    found = [
        path.relative_to(SERVER).as_posix()
        for path in modules("authserver")
        if path.relative_to(SERVER).parts[0] not in allowed
        and any(getattr(node, "attr", "") in {"environ", "getenv"} for node in _os_uses(path))
    ]
    assert found == ["app.py", "workers.py"]


def _os_uses(path: Path) -> list[object]:
    return [
        node
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
