"""The commands, run in this process on an installation of their own."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from authserver.cli import main

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Let files be everybody's to read, unless a command takes care."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up one installation; tests work on copies."""
    path = tmp_path_factory.mktemp("installation") / "data"
    done = CliRunner().invoke(main, ["init", "--data-dir", str(path)])
    assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def data_dir(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "data"))


@pytest.fixture
def run(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the installation."""
    for name in [name for name in os.environ if name.startswith("AUTHSERVER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AUTHSERVER_DATA_DIR", str(data_dir))

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return invoke


@pytest.fixture
def answer(run: Run) -> Callable[..., dict[str, object]]:
    """Run a command that must succeed with --json, and return what it answers."""

    def invoke(*arguments: str, stdin: str | None = None) -> dict[str, object]:
        done = run(*arguments, "--json", stdin=stdin)
        assert done.exit_code == 0, done.output
        document: dict[str, object] = json.loads(done.stdout)
        return document

    return invoke
