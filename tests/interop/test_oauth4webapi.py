"""oauth4webapi from npm: a client with a key, and the resource server its token is for."""

from pathlib import Path

import pytest

from tests.interop.conftest import Running
from tests.support.process import AUDIENCE, PEOPLE_SCOPES
from tests.support.scripts import running_script
from tests.support.walker import Walker

pytestmark = [pytest.mark.processes, pytest.mark.node]


def test_a_client_with_a_key_and_a_resource_server(running: Running, scripts: Path) -> None:
    client = running.keyed
    with running_script(
        ["node", "keyed.mjs"],
        scripts,
        issuer=running.issuer,
        client_id=client.id,
        redirect_uri=client.redirect_uri,
        scope=" ".join(PEOPLE_SCOPES),
        audience=AUDIENCE,
        key=running.key,
    ) as script:
        url = script.hear()["authorize"]
        script.tell(Walker(running.person).walk(url, until=client.redirect_uri))
        said = script.hear()
    assert said["claims"]["sub"] == said["profile"]["sub"] == running.person.id
    assert said["claims"]["auth_time"] <= said["claims"]["iat"]
    assert said["profile"]["email"] == running.person.email
    assert said["access"]["sub"] == running.person.id
    assert said["access"]["client_id"] == client.id
    assert said["access"]["scope"] == " ".join(PEOPLE_SCOPES)
    assert said["active"] is True
    assert said["refused"] == "invalid_grant"
