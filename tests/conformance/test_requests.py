"""Basic OP: parameters that a server may make something of, and must not stumble over."""

import json

import pytest

from tests.conformance.party import RelyingParty
from tests.spec.tools import encode
from tests.support.browser import ISSUER, authorization


@pytest.mark.every_database
@pytest.mark.module("oidcc-ensure-post-request-succeeds")
def test_a_posted_request_is_as_good(rp: RelyingParty) -> None:
    form = authorization(rp.client, **rp.request())
    answer = rp.browser.post("/oauth/authorize", data=form)
    back = rp.browser.sign_in(answer, rp.person)
    while back.headers.get("Location", "").startswith("/"):
        page = rp.browser.follow(back)
        consent = "/login/consent" in back.headers["Location"]
        back = rp.browser.submit(page, decision="allow") if consent else page
    assert rp.finish(rp.received(back)).claims["sub"] == rp.person.id


@pytest.mark.module("oidcc-ensure-request-with-unknown-parameter-succeeds")
def test_an_unknown_parameter_is_ignored(rp: RelyingParty) -> None:
    assert rp.sign_in(extra="foobar").claims["sub"]


@pytest.mark.module("oidcc-alternate-happy-flow")
def test_no_order_matters(rp: RelyingParty) -> None:
    form = authorization(rp.client, **rp.request(scope="email openid"))
    backwards = dict(reversed(form.items()))
    rp.sign_in(scope="openid email")
    said = rp.received(rp.browser.get("/oauth/authorize", query_string=backwards))
    assert rp.finish(said).userinfo()["email"] == rp.person.email


@pytest.mark.module("oidcc-display-page")
@pytest.mark.module("oidcc-display-popup")
@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap"])
def test_every_display_gets_its_page(rp: RelyingParty, display: str) -> None:
    assert rp.sign_in(display=display).claims["sub"]


@pytest.mark.module("oidcc-login-hint")
def test_a_login_hint_is_in_the_field(rp: RelyingParty) -> None:
    page = rp.browser.follow(rp.ask(login_hint=rp.person.email))
    assert f'value="{rp.person.email}"' in page.text
    assert rp.sign_in(login_hint="somebody@auth.example").claims["sub"] == rp.person.id


@pytest.mark.module("oidcc-ui-locales")
@pytest.mark.module("oidcc-claims-locales")
def test_languages_that_are_not_spoken_here_are_passed_over(rp: RelyingParty) -> None:
    assert rp.sign_in(ui_locales="se sv sv-SE", claims_locales="se").claims["sub"]
    page = rp.in_another_browser()
    assert '<html lang="fr"' in page.browser.follow(page.ask(ui_locales="se fr-CA de")).text


@pytest.mark.module("oidcc-ensure-request-with-acr-values-succeeds")
def test_acr_values_are_voluntary(rp: RelyingParty) -> None:
    assert rp.sign_in(acr_values="1 2").claims["acr"] in rp.metadata["acr_values_supported"]
    known = " ".join(rp.metadata["acr_values_supported"])
    assert rp.sign_in(acr_values=known).claims["acr"] in rp.metadata["acr_values_supported"]


@pytest.mark.module("oidcc-id-token-hint")
def test_an_id_token_hint_of_who_is_there_needs_no_page(rp: RelyingParty) -> None:
    first = rp.sign_in()
    again = rp.ask(prompt="none", id_token_hint=first.tokens["id_token"])
    assert rp.finish(rp.received(again)).claims["sub"] == first.claims["sub"]


def unsigned(rp: RelyingParty, **claims: str) -> str:
    """A request object with `alg: none`."""
    claims = {**authorization(rp.client, **rp.request()), **claims}
    body = {"iss": rp.client.id, "aud": ISSUER, **claims}
    return f"{encode({'alg': 'none', 'typ': 'JWT'})}.{encode(json.loads(json.dumps(body)))}."


@pytest.mark.module("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")
def test_an_unsigned_request_object_is_refused_and_the_metadata_say_so(rp: RelyingParty) -> None:
    said = rp.received(rp.ask(request=unsigned(rp)))
    assert said["error"] == "request_not_supported"
    assert "none" not in rp.metadata.get("request_object_signing_alg_values_supported", [])


@pytest.mark.module("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported")
def test_a_request_uri_that_nobody_registered_is_not_fetched(rp: RelyingParty) -> None:
    said = rp.received(rp.ask(request_uri="https://rp.example/request.jwt"))
    assert said["error"] in {"request_uri_not_supported", "invalid_request_uri"}
