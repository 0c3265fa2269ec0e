"""openid-client from npm: everything it checks of an answer, it checks of ours."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Running
from tests.support.npm import node_modules
from tests.support.process import PEOPLE_SCOPES, Registered
from tests.support.walker import Walker

pytestmark = [pytest.mark.processes, pytest.mark.node]

HERE = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def scripts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put the scripts beside what they import, which is installed once and kept."""
    modules = node_modules(request.config, HERE)
    folder = tmp_path_factory.mktemp("node")
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, folder)
    shutil.copy(HERE / "package.json", folder)
    (folder / "node_modules").symlink_to(modules)
    return folder


class Script:
    """A Node.js process that reads and writes lines of JSON."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child

    def tell(self, line: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        assert line, f"the script failed: {self._child.stderr and self._child.stderr.read()}"
        return dict(json.loads(line))


@contextmanager
def running_script(folder: Path, name: str, **wanted: str | None) -> Iterator[Script]:
    """Start a script and tell it what it is to do."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ["node", name], cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as child:
        try:
            script = Script(child)
            script.tell(json.dumps(wanted))
            yield script
        finally:
            child.kill()


def sign_in(
    running: Running, client: Registered, *, folder: Path, discovery: str
) -> dict[str, Any]:
    with running_script(
        folder,
        "people.mjs",
        issuer=running.issuer,
        client_id=client.id,
        client_secret=client.secret,
        redirect_uri=client.redirect_uri,
        scope=" ".join(PEOPLE_SCOPES),
        discovery=discovery,
    ) as script:
        url = script.hear()["authorize"]
        script.tell(Walker(running.person).walk(url, until=client.redirect_uri))
        return script.hear()


@pytest.mark.parametrize("discovery", ["oidc", "oauth2"])
@pytest.mark.parametrize("kind", ["portal", "single_page"])
def test_a_person_signs_in_to_an_application_made_with_openid_client(
    running: Running, scripts: Path, *, kind: str, discovery: str
) -> None:
    client: Registered = getattr(running, kind)
    said = sign_in(running, client, folder=scripts, discovery=discovery)
    assert said["claims"]["sub"] == running.person.id
    assert said["claims"]["aud"] == client.id
    assert said["profile"]["email"] == running.person.email
    assert said["again"]["tenant"] == running.tenant
    assert said["rotated"] is True
    assert said["refused"] == "invalid_grant"


def test_a_service_made_with_openid_client_gets_a_token(running: Running, scripts: Path) -> None:
    with running_script(
        scripts,
        "machine.mjs",
        issuer=running.issuer,
        client_id=running.service.id,
        client_secret=running.service.secret,
        scope="reports:read",
        discovery="oidc",
    ) as script:
        said = script.hear()
    assert said["scope"] == "reports:read"
    assert said["before"]["active"] is True
    assert said["before"]["client_id"] == running.service.id
    assert said["after"] == {"active": False}
    assert said["refused"] == "invalid_scope"
