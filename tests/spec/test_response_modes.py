"""Response modes: OAuth 2.0 Multiple Response Types, Form Post Response Mode."""

import re

import pytest

from tests.spec.tools import Stage, get
from tests.support.browser import ISSUER, answered, hidden

pytestmark = pytest.mark.any_database


def test_query_is_the_default(on: Stage) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    for mode in (None, "query"):
        location = browser.authorize(on.client, response_mode=mode).headers["Location"]
        assert location.startswith(f"{on.client.redirect_uri}?code=")


@pytest.mark.rfc("Form Post section 2")
def test_form_post_sends_the_same_parameters_by_a_form(on: Stage) -> None:
    page = on.browser().complete(on.client, on.person, response_mode="form_post")
    assert page.status_code == 200
    assert "Location" not in page.headers
    assert sorted(hidden(page)) == ["code", "iss", "state"]
    assert on.party.redeem(hidden(page)["code"]).status_code == 200
    form = re.search(r"<form[^>]*>", page.text).group()
    assert 'method="post"' in form
    assert f'action="{on.client.redirect_uri}"' in form


@pytest.mark.rfc("Form Post section 2")
def test_form_post_holds_no_csrf_token_and_is_not_kept(on: Stage) -> None:
    page = on.browser().complete(on.client, on.person, response_mode="form_post")
    assert "csrf_token" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_form_post_errors_come_by_form_too(on: Stage) -> None:
    page = on.browser().authorize(on.client, response_mode="form_post", scope="unknown")
    said = hidden(page)
    assert (said["error"], said["iss"], said["state"]) == ("invalid_scope", ISSUER, "the state")


@pytest.mark.parametrize(
    "state", ['"><script>alert(1)</script>', "' onload=x '", "&lt;", "{{7*7}}"]
)
def test_form_post_escapes_what_it_carries(on: Stage, state: str) -> None:
    browser = on.browser()
    for page in (
        browser.complete(on.client, on.person, response_mode="form_post", state=state),
        browser.authorize(on.client, response_mode="form_post", state=state, scope="unknown"),
    ):
        assert "<script>alert" not in page.text
        assert hidden(page)["state"] == state


def test_form_post_lets_the_form_go_to_the_client_and_nowhere_else(on: Stage) -> None:
    page = on.browser().complete(on.client, on.person, response_mode="form_post")
    policy = page.headers["Content-Security-Policy"]
    assert "form-action https://rp.example;" in policy
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy).group(1)
    assert f'nonce="{nonce}"' in page.text


@pytest.mark.parametrize("mode", ["fragment", "web_message", "fragment.jwt", "QUERY", "none"])
def test_other_modes_are_refused_by_query(on: Stage, mode: str) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    answer = browser.authorize(on.client, response_mode=mode)
    assert answered(answer)["error"] == "invalid_request"
    assert answer.headers["Location"].startswith(f"{on.client.redirect_uri}?")
    published = get(on.world, "/.well-known/openid-configuration").json
    assert mode not in published["response_modes_supported"]


def test_an_error_of_a_native_app_goes_by_form_only_if_asked(on: Stage) -> None:
    native = on.world.client(on.tenant, "native", redirect_uris=["com.example.app:/cb"])
    answer = on.browser().authorize(native, scope="unknown")
    assert answer.headers["Location"].startswith("com.example.app:/cb?error=")
