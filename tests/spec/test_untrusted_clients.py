"""Clients that registered themselves: RFC 9700 section 4.11.2, row R-05."""

from typing import Any

import pytest

from authserver.clients.options import Options
from tests.spec.tools import Stage, stage
from tests.support.browser import ISSUER, answered, hidden
from tests.support.world import World

CAUSES: dict[str, dict[str, Any]] = {
    "scope": {"scope": "unknown"},
    "response_type": {"response_type": "token"},
    "prompt": {"prompt": "none"},
    "pkce": {"code_challenge": None, "code_challenge_method": None},
    "hint": {"id_token_hint": "x"},
    "object": {"request": "x"},
    "request_uri": {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    "form": {"scope": "unknown", "response_mode": "form_post"},
    "signed": {"prompt": "none", "response_mode": "form_post.jwt"},
}


@pytest.fixture(name="on")
def _on(world: World) -> Stage:
    options = Options(authorization_signed_response_alg="ES256")
    return stage(world, name="Free Games <b>", self_registered=True, options=options)


@pytest.mark.bcp("R-05")
@pytest.mark.attack("ATK-034")
@pytest.mark.parametrize("cause", CAUSES)
def test_an_error_takes_a_page_and_leads_nowhere_by_itself(on: Stage, cause: str) -> None:
    browser = on.browser()
    for signed_in in (False, True):
        if signed_in:
            browser.complete(on.client, on.person, scope="openid")
        wrong = {"scope": "openid email", **CAUSES[cause]}
        page = browser.authorize(on.client, **wrong)
        assert (page.status_code, "Location" in page.headers) == (400, False)
        assert "Refresh" not in page.headers
        assert "<script" not in page.text.partition("<main")[2]
        assert "rp.example" in page.text
        assert "Free Games &lt;b&gt;" in page.text


@pytest.mark.every_database
@pytest.mark.bcp("R-05")
def test_the_person_may_go_on_with_the_same_error(on: Stage) -> None:
    page = on.browser().authorize(on.client, scope="unknown")
    assert f'href="{on.client.redirect_uri}?error=invalid_scope&amp;' in page.text
    form = on.browser().authorize(on.client, scope="unknown", response_mode="form_post")
    assert hidden(form)["error"] == "invalid_scope"
    assert hidden(form)["iss"] == ISSUER
    assert "form-action https://rp.example;" in form.headers["Content-Security-Policy"]
    assert "csrf_token" not in form.text


@pytest.mark.bcp("R-05")
def test_who_acted_here_is_answered_at_once(on: Stage) -> None:
    browser = on.browser()
    back = browser.sign_in(browser.authorize(on.client), on.person)
    consent = browser.follow(browser.follow(back))
    denied = browser.follow(browser.submit(consent, decision="deny"))
    assert answered(denied)["error"] == "access_denied"
    assert "code" in answered(browser.complete(on.client, on.person))


@pytest.mark.bcp("R-05")
def test_clients_of_the_operator_get_their_errors_directly(world: World) -> None:
    on = stage(world)
    for cause in ("scope", "prompt", "hint", "object"):
        assert "error" in answered(on.browser().authorize(on.client, **CAUSES[cause]))


@pytest.mark.attack("ATK-133")
def test_nothing_of_a_request_is_markup_on_the_page(on: Stage) -> None:
    state = '"><script>alert(1)</script>'
    for mode in ("query", "form_post"):
        page = on.browser().authorize(on.client, scope="x", state=state, response_mode=mode)
        assert "<script>alert" not in page.text


@pytest.mark.bcp("R-05")
@pytest.mark.rfc("OpenID Connect Core section 3.1.2.6")
def test_clients_that_a_tenant_vouches_for_get_their_errors_directly(world: World) -> None:
    on = stage(world, self_registered=True, vouched_for=True)
    answer = on.browser().authorize(on.client, prompt="none")
    assert answered(answer)["error"] == "login_required"
