"""The built wheel, in a virtual environment that has never seen the checkout."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.process import Installation, ServerProcess
from tests.support.tokens import authorization_url, redeem
from tests.support.walker import TIMEOUT, Walker, answered

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the checkout with the tools that are here."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("authserver-*.whl"))


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and what it depends on; return the folder of its programs."""
    folder = tmp_path_factory.mktemp("venv")
    uv = (sys.executable, "-m", "uv")
    run(*uv, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    locked = ("--constraint", ROOT / "requirements.lock", "--no-verify-hashes")
    run(*uv, "pip", "install", "--quiet", "--python", python, *locked, wheel, cwd=folder)
    return python.parent


@pytest.fixture(scope="module")
def installed(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Initialise and serve from a folder where there is nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere")
    made = Installation(
        folder / "data",
        settings={"PYTHONPATH": "", "PYTHONSAFEPATH": "1"},
        program=[str(program / "authserver")],
        cwd=folder,
    )
    made.run("init")
    with ServerProcess(made):
        yield made


def test_the_wheel_carries_all_that_is_not_python(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for name in ("templates", "static", "migrations"):
        files = [path for path in (ROOT / name).rglob("*.*") if "__pycache__" not in path.parts]
        assert files
        wanted = {f"authserver/_bundled/{path.relative_to(ROOT).as_posix()}" for path in files}
        assert wanted - inside == set()
    translations = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "authserver").rglob("*.mo")
    }
    assert translations
    assert translations - inside == set()


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    strange = [
        name
        for name in inside
        if not name.startswith(("authserver/", "authserver-")) or "cache" in name.lower().split("/")
    ]
    assert strange == []


def test_the_installed_server_signs_a_person_in(installed: Installation) -> None:
    tenant = installed.tenant("acme")
    person = installed.person(tenant, "admin")
    portal = installed.web_client(tenant, "http://localhost:9/callback")
    url = authorization_url(installed.issuer, portal)
    code = answered(Walker(person).walk(url, until=portal.redirect_uri))["code"]
    tokens = redeem(installed.issuer, portal, code).json()
    said = requests.get(
        f"{installed.issuer}/oauth/userinfo",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=TIMEOUT,
    ).json()
    assert said["sub"] == person.id


@pytest.mark.parametrize("path", ["css/app.css", "js/app.js", "img/icons.svg"])
def test_the_installed_server_has_its_static_files(installed: Installation, path: str) -> None:
    answer = requests.get(f"{installed.issuer}/static/{path}", timeout=TIMEOUT)
    assert answer.content == (ROOT / "static" / path).read_bytes()


def test_the_installed_server_speaks_the_persons_language(installed: Installation) -> None:
    page = requests.get(installed.issuer, headers={"Accept-Language": "de"}, timeout=TIMEOUT)
    assert 'lang="de"' in page.text
    assert "Sie sind nicht angemeldet" in page.text
