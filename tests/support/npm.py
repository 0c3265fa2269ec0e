"""Packages of npm that tests need: installed once by their lock file, kept in pytest's cache."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.kept import kept

# The lock decides which: the others are copied beside it.
PROMISED = ("package-lock.json", "package.json", ".npmrc")


def node_modules(config: pytest.Config, promised: Path) -> Path:
    """Return where the packages that a folder promises are. Skips without Node.js and npm."""
    node = os.environ.get("AUTHTEST_NODE") or shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("no Node.js with npm")
    files = [promised / name for name in PROMISED]
    return kept(config, "npm", files, _install) / "node_modules"


def _install(folder: Path) -> None:
    subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=folder, check=True)
