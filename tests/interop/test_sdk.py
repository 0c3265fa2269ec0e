"""Our own SDK on the other side of the network: the verifier, and the demo resource server."""

import os
import sys
from collections.abc import Iterator

import pytest
import requests

from authserver.demo.config import VARIABLE, ClientCredentials, DemoConfig
from authserver.sdk.verifier import InvalidToken, TokenVerifier
from tests.interop.conftest import Running
from tests.support.process import AUDIENCE, Process, Registered, free_port
from tests.support.tokens import code_flow, machine_token
from tests.support.walker import TIMEOUT

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def api(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo resource server, which knows of the server what its metadata says."""
    folder, url = tmp_path_factory.mktemp("api"), f"http://localhost:{free_port()}"
    service, partner = _credentials(running.service), _credentials(running.partner)
    DemoConfig(running.issuer, partner, partner, service).write(folder / "demo.json")
    here = {VARIABLE: str(folder / "demo.json"), "DEMO_RESOURCE_SERVER": url}
    with Process(
        [sys.executable, "-m", "authserver.demo.resource_server"],
        {**os.environ, **here},
        url=url,
        log=folder / "api.log",
    ):
        yield url


@pytest.fixture(scope="module")
def access_token(running: Running) -> str:
    """Sign a person in."""
    tokens = code_flow(running.issuer, running.portal, running.person)
    return str(tokens["access_token"])


def _credentials(client: Registered) -> ClientCredentials:
    return ClientCredentials(client.id, client.secret or "")


def call(url: str, token: str | None, method: str = "GET") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, url, headers=headers, timeout=TIMEOUT)


def test_the_verifier_reads_a_persons_token(running: Running, access_token: str) -> None:
    read = TokenVerifier(issuer=running.issuer, audience=AUDIENCE).verify(access_token)
    assert read.subject == running.person.id
    assert read.tenant == running.tenant
    assert read.roles == {"NOC_OPERATOR"}
    assert not read.is_service


def test_the_verifier_reads_a_machines_token(running: Running) -> None:
    token = machine_token(running.issuer, running.partner, scope="reports:write")
    read = TokenVerifier(issuer=running.issuer, audience=AUDIENCE).verify(token)
    assert read.is_service
    assert read.client_id == running.partner.id
    assert read.scopes == {"reports:write"}
    assert read.expires_at - read.issued_at == 3600


def test_the_verifier_refuses_another_audience(running: Running, access_token: str) -> None:
    with pytest.raises(InvalidToken):
        TokenVerifier(issuer=running.issuer, audience="urn:example:else").verify(access_token)


def test_the_demo_api_answers_a_person_by_scope_and_role(api: str, access_token: str) -> None:
    reports = call(f"{api}/reports", access_token)
    assert reports.status_code == 200
    assert reports.json()["tenant"] == "acme"
    assert call(f"{api}/operations", access_token).json()["roles"] == ["NOC_OPERATOR"]


def test_the_demo_api_refuses_a_person_where_only_machines_may_go(
    api: str, access_token: str
) -> None:
    refused = call(f"{api}/imports", access_token, "POST")
    assert refused.status_code == 403


def test_the_demo_api_answers_a_partner(api: str, running: Running) -> None:
    token = machine_token(running.issuer, running.partner, scope="reports:write")
    accepted = call(f"{api}/imports", token, "POST")
    assert accepted.json() == {"accepted": True, "client": running.partner.id}
    assert call(f"{api}/operations", token).status_code == 403


def test_the_demo_api_refuses_nobody_and_forgers(api: str, access_token: str) -> None:
    assert call(f"{api}/reports", None).status_code == 401
    head, _, signature = access_token.rpartition(".")
    forged = f"{head}.{signature[::-1]}"
    refused = call(f"{api}/reports", forged)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
