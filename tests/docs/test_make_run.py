"""`make run`, again: everything as it was left, or plain words about what is not."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import requests

from tests.support.demo import Demo, demo_in, running_demo
from tests.support.process import Installation, ProcessError, free_port

pytestmark = pytest.mark.processes

Ports = Sequence[int]


@pytest.fixture(scope="module")
def ports() -> Ports:
    return free_port(), free_port(), free_port()


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> Path:
    """Return the folder of a demo that ran and was ended."""
    folder = tmp_path_factory.mktemp("left")
    with running_demo(folder, ports) as demo:
        assert reports(demo, token(demo)) == 200
    return folder


@pytest.fixture
def folder(left: Path, tmp_path: Path) -> Path:
    """Return a copy of it, as it was left."""
    return shutil.copytree(left / "data", tmp_path / "data").parent


def partner(demo: Demo) -> tuple[str, str]:
    written = json.loads((demo.installation.data_dir / "demo.json").read_text())["partner"]
    return written["client_id"], written["client_secret"]


def token(demo: Demo) -> str:
    grant = {"grant_type": "client_credentials", "scope": "reports:read"}
    url = f"{demo.issuer}/oauth/token"
    answer = requests.post(url, data=grant, auth=partner(demo), timeout=10)
    return str(answer.json()["access_token"])


def reports(demo: Demo, access_token: str) -> int:
    bearer = {"Authorization": f"Bearer {access_token}"}
    return requests.get(f"{demo.api}/reports", headers=bearer, timeout=10).status_code


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "data" / name).read_bytes() for name in ("demo.json", "master.key")}


def test_it_runs_as_it_was_left(folder: Path, ports: Ports) -> None:
    before = contents(folder)
    with running_demo(folder, ports) as demo:
        first, people = token(demo), demo.installation.run("users", "list", "--tenant", "acme")
        assert reports(demo, first) == 200
    with running_demo(folder, ports) as demo:
        assert reports(demo, first) == 200
        assert demo.installation.run("users", "list", "--tenant", "acme") == people
    assert contents(folder) == before


def test_it_ends_well_however_soon_it_is_asked_to(folder: Path, ports: Ports) -> None:
    _, process = demo_in(folder, ports)
    with process:
        assert process.stop() == 0
        assert "Aborted" not in process.said()


def test_another_database_gets_the_data_and_the_applications_their_clients(
    folder: Path, ports: Ports
) -> None:
    for file in (folder / "data").glob("authserver.db*"):
        file.unlink()
    Installation(folder / "data").run("init")
    before = contents(folder)
    with running_demo(folder, ports) as demo:
        assert reports(demo, token(demo)) == 200
        assert partner(demo)[0] not in before["demo.json"].decode()


def test_at_another_address_the_applications_find_the_server(folder: Path, ports: Ports) -> None:
    with running_demo(folder, (free_port(), *ports[1:])) as demo:
        assert reports(demo, token(demo)) == 200


def test_with_another_master_key_nothing_runs_and_it_says_why(folder: Path, ports: Ports) -> None:
    (folder / "data" / "master.key").write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    before = contents(folder)
    why = pytest.raises(ProcessError, match="the master key is not the one")
    with why, running_demo(folder, ports):
        pass
    assert contents(folder) == before
    for port in ports:
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://localhost:{port}/", timeout=10)
