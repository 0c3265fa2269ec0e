"""What readers type is run by the very program that is installed, though it starts sooner."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.reader import PATIENCE, Reader

pytestmark = pytest.mark.processes

# The environment, the folder, both outputs, a pipe between two, and how each of them ends.
SCRIPT = """
mkdir -p below && cd below
AUTHSERVER_DATA_DIR=../var authserver keys list --json | authserver users set-password \\
    --data-dir ../var --tenant orchid --email ada@orchid.example; echo "${PIPESTATUS[*]}"
echo short | authserver users set-password --data-dir ../var --tenant orchid \\
    --email ada@orchid.example; echo "$?"
authserver tenants nonsense ''; echo "$?"
"""


def test_the_readers_command_does_what_the_installed_one_does(tmp_path: Path) -> None:
    reader = Reader("docs/getting-started.md", tmp_path)
    assert reader.command("command -v authserver") != f"{installed()}\n"
    reader.type("init")
    reader.type("tenant and person")
    ours = said(reader)
    assert [line for line in ours.stdout.splitlines() if line[:1].isdigit()] == ["0 0", "1", "2"]
    assert "No such command 'nonsense'" in ours.stderr
    reader.environment["PATH"] = f"{installed().parent}:{reader.environment['PATH']}"
    assert reader.command("command -v authserver") == f"{installed()}\n"
    theirs = said(reader)
    assert (ours.stdout, ours.stderr) == (theirs.stdout, theirs.stderr)


def installed() -> Path:
    return Path(sys.executable).with_name("authserver")


def said(reader: Reader) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", SCRIPT],
        env=reader.environment,
        cwd=reader.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
