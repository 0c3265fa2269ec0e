"""docs/resource-servers.md: its APIs with right and wrong tokens, its claims, introspection."""

import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import requests

from authserver.core.clock import SystemClock
from authserver.sdk.verifier import TokenVerifier
from tests.docs.pages import Page
from tests.docs.reader import ADA, Reader, following
from tests.support.holder import Holder, ath
from tests.support.process import Registered
from tests.support.tokens import code_flow
from tests.support.walker import TIMEOUT

AUDIENCE = "https://api.orchid.example"

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give a reader who holds a machine's token in ACCESS_TOKEN and has saved the programs."""
    with following("docs/partners.md", tmp_path_factory.mktemp("servers")) as reader:
        client_id, secret = reader.register("register")
        reader.environment |= {"CLIENT_ID": client_id, "CLIENT_SECRET": secret}
        token = json.loads(reader.type("fetch").rpartition("\n")[2])["access_token"]
        reader.follow("docs/resource-servers.md")
        reader.environment["ACCESS_TOKEN"] = token
        reader.save("api.py", "test_api.py", "check.py")
        yield reader


@pytest.fixture(scope="module")
def person_token(reader: Reader) -> str:
    """Return the access token of Ada, who is an administrator, for the same API."""
    redirect_uri = "http://localhost/callback"
    said = reader.command(
        "authserver clients create --tenant orchid --name Portal --kind web --json"
        f" --audience {AUDIENCE} --redirect-uri {redirect_uri} --scope openid --scope orders:read"
    )
    made = json.loads(said)
    client = Registered(made["client_id"], made["client_secret"], redirect_uri)
    tokens = code_flow(reader.issuer, client, ADA, scope="openid orders:read")
    return str(tokens["access_token"])


def test_claims_are_those_of_the_table(reader: Reader, person_token: str) -> None:
    rows = reader.page.table("The access token")
    verifier = TokenVerifier(issuer=reader.issuer, audience=AUDIENCE)
    for column, token in ((0, person_token), (1, reader.environment["ACCESS_TOKEN"])):
        told = {claim for claim, row in rows.items() if row[column] == "yes"}
        assert verifier.verify(token).claims.keys() == told


def test_api_of_the_page_lets_in_whom_the_page_says(reader: Reader, person_token: str) -> None:
    machine = reader.environment["ACCESS_TOKEN"]
    expected = {
        ("GET", "/health", None): 200,
        ("GET", "/orders", None): 401,
        ("GET", "/orders", "nonsense"): 401,
        ("GET", "/orders", machine): 200,
        ("GET", "/orders", person_token): 200,
        ("GET", "/invoices", machine): 403,
        ("GET", "/invoices", person_token): 403,
        ("POST", "/imports", machine): 403,
        ("POST", "/payments", person_token): 401,
        ("GET", "/forgotten", machine): 403,
    }
    reader.follow("README.md")
    reader.put({"--app resource_server": "--app api"})
    with reader.running("run the API", reader.api):
        answered = {request: _status(reader.api, request) for request in expected}
    reader.follow("docs/resource-servers.md")
    assert answered == expected


def test_test_of_the_page_finds_the_forgotten_route(reader: Reader) -> None:
    assert "1 passed" in reader.command("python -m pytest -q test_api.py")


def test_program_without_a_framework_reads_a_token(reader: Reader) -> None:
    assert reader.type("check a token").split() == [
        "orchid",
        reader.environment["CLIENT_ID"],
        "['orders:read']",
    ]
    good = reader.environment["ACCESS_TOKEN"]
    reader.environment["ACCESS_TOKEN"] = good[:-8] + "AAAAAAAA"
    assert "not valid" in reader.refused("check a token")
    reader.environment["ACCESS_TOKEN"] = good


def test_program_takes_a_bound_token_with_its_proof_alone(reader: Reader) -> None:
    said = reader.command(
        "authserver clients create --tenant orchid --name Bound --kind service --json"
        " --option dpop_bound_access_tokens=true"
        f" --audience {AUDIENCE} --scope orders:read"
    )
    made, holder = json.loads(said), Holder(SimpleNamespace(clock=SystemClock()))
    url = f"{reader.issuer}/oauth/token"
    answer = requests.post(
        url,
        data={"grant_type": "client_credentials"},
        auth=(made["client_id"], made["client_secret"]),
        headers={"DPoP": holder.proof("", htu=url)},
        timeout=TIMEOUT,
    ).json()
    reader.save("bound.py")
    token = answer["access_token"]
    proof = holder.proof("", "GET", htu=f"{AUDIENCE}/orders", ath=ath(token))
    assert made["client_id"] in reader.command(f"python bound.py {token} {proof}")
    other = holder.proof("", "GET", htu=f"{AUDIENCE}/invoices", ath=ath(token))
    said = reader.command(f"python bound.py {token} {other} 2>&1 || true")
    assert "The DPoP proof is not valid." in said


def test_introspection_tells_the_claims_of_the_token(reader: Reader) -> None:
    before = dict(reader.environment)
    client_id, secret = reader.register("register the API")
    reader.environment |= {"CLIENT_ID": client_id, "CLIENT_SECRET": secret}
    said = json.loads(reader.type("introspect"))
    rows = Page.read("docs/resource-servers.md").table("The access token")
    assert said["active"] is True
    assert {claim for claim, row in rows.items() if row[1] == "yes"} <= said.keys()
    reader.environment["ACCESS_TOKEN"] = "nonsense"
    assert json.loads(reader.type("introspect")) == {"active": False}
    reader.environment = before


def _status(api: str, request: tuple[str, str, str | None]) -> int:
    method, path, token = request
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, api + path, headers=headers, timeout=TIMEOUT).status_code


def test_clients_ask_for_what_there_is_once_the_tenant_has_said_it(reader: Reader) -> None:
    assert reader.type("say what there is").startswith("Registered Orders (rsv_")
    create = "authserver clients create --tenant orchid --name Other --kind service"
    refused = reader.command(f"{create} --audience https://other.example 2>&1 || true")
    assert "no resource server" in refused
    reader.command(f"{create} --audience {AUDIENCE} --scope orders:read")
