"""oauth4webapi from npm: a client with a key, and the resource server its token is for."""

import time
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


def test_signed_and_pushed_requests_a_registration_and_a_device(
    running: Running, scripts: Path
) -> None:
    walker, client = Walker(running.person), running.pushing
    with running_script(
        ["node", "signed.mjs"],
        scripts,
        issuer=running.issuer,
        client_id=client.id,
        redirect_uri=client.redirect_uri,
        scope=" ".join(PEOPLE_SCOPES),
        key=running.key,
        initial_token=running.initial_token,
        device_id=running.device.id,
    ) as script:
        script.tell(walker.walk(script.hear()["authorize"], until=client.redirect_uri))
        who = {"sub": running.person.id}
        assert script.hear() == {**who, "email": running.person.email, "active": True}
        script.tell(walker.walk(script.hear()["authorize"], until=client.redirect_uri))
        assert script.hear() == who
        device = script.hear()
        assert device["early"] == "authorization_pending"
        assert walker.approve(device["verify"]).status_code == 200
        time.sleep(device["interval"])
        script.tell("approved")
        assert script.hear() == who
