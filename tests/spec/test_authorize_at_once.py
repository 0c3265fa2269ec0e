"""Two ways to the authorization endpoint, one decision: with and without Flask."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from authserver.oauth.authorize.endpoint import AuthorizeEndpoint
from tests.spec.tools import Stage, events, statements
from tests.support.browser import ISSUER, Browser, answered, authorization


@pytest.fixture
def browser(on: Stage) -> Browser:
    """A browser whose person is signed in and has consented."""
    browser = on.browser()
    browser.complete(on.client, on.person)
    return browser


def by_post(on: Stage, browser: Browser, **parameters: Any) -> TestResponse:
    """Send the same request by the way that always leads through Flask."""
    return browser.post("/oauth/authorize", data=authorization(on.client, **parameters))


@pytest.fixture
def flask_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: AuthorizeEndpoint) -> None:
        raise AssertionError("the request went to Flask")

    monkeypatch.setattr(AuthorizeEndpoint, "answer", fail)


@pytest.mark.every_database
@pytest.mark.usefixtures("flask_is_not_needed")
def test_a_request_that_takes_no_page_does_not_reach_flask(on: Stage, browser: Browser) -> None:
    with statements(on.world) as ran:
        answer = browser.authorize(on.client)
    assert answer.status_code == 303
    assert on.party.redeem(answered(answer)["code"]).status_code == 200
    assert sum(statement.startswith("INSERT") for statement in ran) == 2  # the code, its event
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"state": None},
        {"state": "ü&=?#+ %"},
        {"prompt": "none"},
        {"prompt": "none", "max_age": "0"},
        {"scope": "openid nonsense"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"request": "x"},
    ],
    ids=str,
)
def test_both_ways_give_the_client_the_same_answer(
    on: Stage, browser: Browser, parameters: dict[str, Any]
) -> None:
    at_once, behind = browser.authorize(on.client, **parameters), by_post(on, browser, **parameters)
    assert at_once.status_code == behind.status_code == 303
    one, other = answered(at_once), answered(behind)
    assert (one.pop("code", None) is None) == (other.pop("code", None) is None)
    assert one == other
    assert at_once.headers["Location"].partition("?")[0] == on.client.redirect_uri


@pytest.mark.parametrize(
    "parameters",
    [{"client_id": "cli_nobody"}, {"redirect_uri": "https://evil.test/"}, {"prompt": "login"}],
    ids=str,
)
def test_what_takes_a_page_is_a_page_whichever_way_it_came(
    on: Stage, browser: Browser, parameters: dict[str, Any]
) -> None:
    at_once, behind = browser.authorize(on.client, **parameters), by_post(on, browser, **parameters)
    assert at_once.status_code == behind.status_code
    assert at_once.content_type == behind.content_type
    assert "text/html" in str(at_once.content_type)


@pytest.mark.every_database
def test_a_sign_in_that_begins_is_stored_once(on: Stage, browser: Browser) -> None:
    with statements(on.world) as ran:
        assert "/login/password" in browser.authorize(on.client, prompt="login").location
    assert [text.split()[2] for text in ran if text.startswith("INSERT")] == [
        "pending_authorizations"
    ]


def test_a_defect_is_a_page_with_its_reference_and_is_met_once(
    on: Stage, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = []

    def fail(*_: object, **_more: object) -> None:
        met.append(1)
        raise RuntimeError("a defect")

    before = len(events(on.world, on.tenant, "code.issued"))
    monkeypatch.setattr(on.world.services.trail, "record", fail)
    answer = browser.authorize(on.client)
    monkeypatch.undo()
    assert answer.status_code == 500
    assert answer.headers["X-Correlation-Id"] in answer.text
    assert "text/html" in str(answer.content_type)
    assert "defect" not in answer.text
    assert met == [1]
    assert len(events(on.world, on.tenant, "code.issued")) == before


def test_a_head_request_issues_no_code(on: Stage, browser: Browser) -> None:
    before = len(events(on.world, on.tenant, "code.issued"))
    answer = browser.http.head(
        "/oauth/authorize", base_url=ISSUER, query_string=authorization(on.client)
    )
    assert answer.status_code == 405
    assert len(events(on.world, on.tenant, "code.issued")) == before


def test_a_cookie_that_names_nobody_leads_to_the_sign_in(on: Stage) -> None:
    stranger = on.browser()
    for value in ("x", '"x"', "=" * 40, "%00", "é".encode().decode("latin-1")):
        cookie = {"Cookie": f"__Host-as-session={value}"}
        answer = stranger.get(
            "/oauth/authorize", query_string=authorization(on.client), headers=cookie
        )
        assert "/login/password" in answer.location
