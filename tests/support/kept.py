"""What is fetched or built once by a promise of files, and kept in pytest's cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support import needs


def kept(
    config: pytest.Config, name: str, files: Sequence[Path], make: Callable[[Path], None]
) -> Path:
    """Return a folder with these files and with what `make` made of them, once for all runs."""
    version = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]
    folder = Path(config.cache.mkdir(f"{name}-{version}"))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for path in files:
                shutil.copy(path, folder)
            make(folder)
            (folder / "complete").touch()
    return folder


def go_program(config: pytest.Config, promised: Path) -> Path:
    """Return the program that a folder of Go is built to. Skips without Go."""
    if os.environ.get(needs.GO, needs.go()) is None:
        pytest.skip("no Go: interoperability with go-oidc")
    files = [promised / "go.mod", promised / "go.sum", *sorted(promised.glob("*.go"))]
    folder = kept(config, "go", files, _build_go)
    return folder / "program"


def java_libraries(config: pytest.Config, promised: Path) -> Path:
    """Return the folder of the libraries that a pom.xml names. Skips without Java and Maven."""
    if os.environ.get(needs.MAVEN, needs.maven()) is None:
        pytest.skip("no Java with Maven: interoperability with Nimbus")
    return kept(config, "java", [promised / "pom.xml"], _fetch_java) / "libraries"


def _build_go(folder: Path) -> None:
    subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, check=True)


def _fetch_java(folder: Path) -> None:
    fetch = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}/libraries")
    subprocess.run(["mvn", "-q", "-B", *fetch], cwd=folder, check=True)
