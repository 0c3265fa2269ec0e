from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from flask.testing import FlaskClient

from authserver.demo.config import CALLBACK, RELYING_PARTY, ClientCredentials, DemoConfig
from authserver.demo.relying_party import create_app

ISSUER = "http://localhost:8000"
NOBODY = ClientCredentials("cli_1", "cs_1")
CONFIG = DemoConfig(ISSUER, portal=NOBODY, partner=NOBODY, resource_server=NOBODY)


@pytest.fixture
def browser() -> FlaskClient:
    return create_app(CONFIG).test_client()


def begin(browser: FlaskClient) -> dict[str, list[str]]:
    """Press "Sign in" and return the authorization request."""
    with responses.RequestsMock() as server:
        server.get(
            f"{ISSUER}/.well-known/openid-configuration",
            json={"issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/oauth/authorize"},
        )
        answer = browser.get("/sign-in")
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def test_the_request_carries_state_nonce_and_a_challenge(browser: FlaskClient) -> None:
    asked = begin(browser)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [CALLBACK]
    assert asked.keys() >= {"state", "nonce", "code_challenge", "resource"}


@pytest.mark.rfc("RFC 9207 section 2.4")
@pytest.mark.parametrize("iss", ["", "&iss=https://evil.example", "&iss=http://localhost:8000/"])
def test_an_answer_of_another_issuer_is_refused_before_the_code_is_sent(
    browser: FlaskClient, iss: str
) -> None:
    state = begin(browser)["state"][0]
    with responses.RequestsMock():
        answer = browser.get(f"/callback?code=c&state={state}{iss}")
    assert answer.status_code == 400
    assert "not from the server" in answer.text


def test_an_answer_to_another_browser_is_refused(browser: FlaskClient) -> None:
    state = begin(browser)["state"][0]
    stranger = create_app(CONFIG).test_client()
    answer = stranger.get(f"/callback?code=c&state={state}&iss={ISSUER}")
    assert answer.status_code == 400


@pytest.mark.parametrize("origin", [None, "null", "http://localhost:8000", "https://evil.example"])
@pytest.mark.parametrize("path", ["/sign-out", "/refresh", "/call/reports"])
def test_forms_of_other_sites_are_refused(
    browser: FlaskClient, path: str, origin: str | None
) -> None:
    headers = {"Origin": origin} if origin else {}
    assert browser.post(path, headers=headers).status_code == 403


def test_nobody_calls_the_api_without_signing_in(browser: FlaskClient) -> None:
    headers = {"Origin": RELYING_PARTY}
    assert browser.post("/call/reports", headers=headers).status_code == 404
    assert browser.post("/refresh", headers=headers).headers["Location"] == "/"


def test_pages_allow_no_script_and_are_not_stored(browser: FlaskClient) -> None:
    headers = browser.get("/").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
