"""Nothing in the repository tells where, or on which machine, somebody wrote it."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.source import ROOT, name, repository_files

# Absolute folders of people's machines and of build machines.
FOLDER = re.compile(r"(?<![\w.$}-])/(?:work|root|home|Users|workspaces?|builds?)/[\w.-]+")
# Where packages come from, in an environment that says so.
INDEX_VARIABLES = re.compile(r"(?:INDEX|REGISTRY|PROXY|FIND_LINKS)", re.IGNORECASE)
PUBLIC = {"registry.npmjs.org", "pypi.org", "files.pythonhosted.org", "localhost", "127.0.0.1"}

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="no repository here"
)


def texts() -> dict[str, str]:
    """Return the text of every file that has one."""
    found = {}
    for path in repository_files():
        try:
            found[name(path)] = path.read_text()
        except UnicodeDecodeError:
            continue
    return found


def test_no_file_names_a_folder_of_a_machine() -> None:
    here = {str(ROOT), str(Path.home())} - {"/"}
    found = [
        f"{path}: {match}"
        for path, text in texts().items()
        for match in [*FOLDER.findall(text), *(folder for folder in here if f"{folder}/" in text)]
    ]
    assert found == []


def test_no_file_names_the_host_that_packages_were_fetched_from() -> None:
    hosts = (
        {
            urlsplit(value).hostname or ""
            for variable, value in os.environ.items()
            if INDEX_VARIABLES.search(variable) and "://" in value
        }
        - PUBLIC
        - {""}
    )
    assert [p for p, text in texts().items() if any(host in text for host in hosts)] == []


def test_locks_name_no_address_but_the_public_registry() -> None:
    found = {}
    for path, text in texts().items():
        if path.endswith((".lock", "package-lock.json")):
            hosts = {urlsplit(url).hostname for url in re.findall(r'https?://[^\s"]+', text)}
            found[path] = hosts - _mentioned_by_packages(path)
    assert {path: hosts for path, hosts in found.items() if hosts} == {}
    assert "requirements.lock" in found


def test_python_locks_hold_versions_and_hashes_and_nothing_else() -> None:
    line = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?|[a-z0-9.-]+==[\w.]+(?: ; .+)? \\")
    for lock in sorted(ROOT.glob("requirements*.lock")):
        assert [row for row in lock.read_text().splitlines() if not line.fullmatch(row)] == []


def _mentioned_by_packages(path: str) -> set[str | None]:
    """Allow what the lock of npm repeats: where a package asks for donations."""
    donations = {"github.com", "opencollective.com", "www.patreon.com", "tidelift.com"}
    return {"registry.npmjs.org", *donations} if path.endswith("package-lock.json") else set()
