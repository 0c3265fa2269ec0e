"""Packages of npm that tests need: installed once by their lock file, kept in pytest's cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROMISED = ("package.json", "package-lock.json", ".npmrc")


def node_modules(config: pytest.Config, promised: Path) -> Path:
    """Return where the packages that a folder promises are. Skips without Node.js and npm."""
    node = os.environ.get("AUTHTEST_NODE") or shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("no Node.js with npm")
    version = hashlib.sha256((promised / "package-lock.json").read_bytes()).hexdigest()[:16]
    kept = Path(config.cache.mkdir(f"npm-{version}"))
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "complete").exists():
            for name in PROMISED:
                shutil.copy(promised / name, kept)
            subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=kept, check=True)
            (kept / "complete").touch()
    return kept / "node_modules"
