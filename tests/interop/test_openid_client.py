"""openid-client from npm: everything it checks of an answer, it checks of ours."""

from pathlib import Path
from typing import Any

import pytest

from tests.interop.conftest import Running
from tests.support.process import PEOPLE_SCOPES, Registered
from tests.support.scripts import running_script
from tests.support.walker import Walker

pytestmark = [pytest.mark.processes, pytest.mark.node]


def sign_in(
    running: Running, client: Registered, *, folder: Path, discovery: str
) -> dict[str, Any]:
    with running_script(
        ["node", "people.mjs"],
        folder,
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
        ["node", "machine.mjs"],
        scripts,
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
