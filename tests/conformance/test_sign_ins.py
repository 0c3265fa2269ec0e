"""Basic OP: what comes back from a sign-in, and what `prompt` and `max_age` do to the next."""

import pytest

from tests.conformance.party import RelyingParty, asks
from tests.support.browser import answered


@pytest.mark.rfc("OpenID Connect Core section 3.1.3.3")
@pytest.mark.every_database
@pytest.mark.module("oidcc-server")
@pytest.mark.module("oidcc-idtoken-signature")
def test_a_code_gives_an_id_token_that_is_signed_by_a_published_key(rp: RelyingParty) -> None:
    signed_in = rp.sign_in()
    assert signed_in.claims["nonce"] == rp.last_nonce
    assert signed_in.userinfo()["sub"] == signed_in.claims["sub"]


@pytest.mark.module("oidcc-idtoken-unsigned")
def test_no_id_token_is_unsigned(rp: RelyingParty) -> None:
    assert "none" not in rp.metadata["id_token_signing_alg_values_supported"]


@pytest.mark.module("oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
def test_a_request_without_a_nonce_gives_an_id_token_without_one(rp: RelyingParty) -> None:
    assert "nonce" not in rp.sign_in(nonce=None).claims


@pytest.mark.module("oidcc-ensure-request-with-valid-pkce-succeeds")
def test_a_client_that_need_not_use_pkce_may(rp: RelyingParty) -> None:
    verifier, challenge = (
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    )
    said = rp.answer(code_challenge=challenge, code_challenge_method="S256")
    assert rp.redeem(said["code"]).json["error"] == "invalid_grant"
    assert rp.finish(said, code_verifier=verifier).claims["sub"]


@pytest.mark.module("oidcc-prompt-login")
def test_prompt_login_asks_again_and_says_when(rp: RelyingParty) -> None:
    first = rp.sign_in()
    rp.world.clock.move(seconds=2)
    assert asks(rp.ask(prompt="login"), "password")
    again = rp.sign_in(prompt="login")
    assert again.claims["sub"] == first.claims["sub"]
    assert again.claims["auth_time"] > first.claims["auth_time"]


@pytest.mark.module("oidcc-prompt-none-not-logged-in")
def test_prompt_none_shows_nothing_to_nobody(rp: RelyingParty) -> None:
    said = rp.received(rp.ask(prompt="none"))
    assert said["error"] == "login_required"
    assert "code" not in said


@pytest.mark.module("oidcc-prompt-none-logged-in")
def test_prompt_none_answers_for_who_is_there(rp: RelyingParty) -> None:
    first = rp.sign_in()
    rp.world.clock.move(seconds=2)
    again = rp.finish(rp.received(rp.ask(prompt="none")))
    for claim in ("sub", "auth_time", "iss", "aud"):
        assert again.claims[claim] == first.claims[claim]


@pytest.mark.rfc("RFC 9470 section 5")
@pytest.mark.module("oidcc-max-age-1")
def test_a_sign_in_older_than_max_age_is_done_again(rp: RelyingParty) -> None:
    first = rp.sign_in()
    rp.world.clock.move(seconds=2)
    assert asks(rp.ask(max_age="1"), "password")
    again = rp.sign_in(max_age="1")
    assert again.claims["auth_time"] > first.claims["auth_time"]
    assert again.claims["iat"] - again.claims["auth_time"] <= 1


@pytest.mark.module("oidcc-max-age-10000")
def test_a_sign_in_within_max_age_is_good_enough(rp: RelyingParty) -> None:
    first = rp.sign_in(max_age="15000")
    rp.world.clock.move(seconds=2)
    again = rp.finish(rp.received(rp.ask(max_age="10000")))
    assert again.claims["auth_time"] == first.claims["auth_time"]
    assert again.claims["iat"] > first.claims["iat"]


@pytest.mark.module("oidcc-codereuse")
@pytest.mark.module("oidcc-codereuse-30seconds")
@pytest.mark.parametrize("after", [0, 30])
def test_a_code_is_good_once_and_its_tokens_end_with_the_second_use(
    rp: RelyingParty, after: int
) -> None:
    signed_in = rp.sign_in()
    rp.world.clock.move(seconds=after)
    again = signed_in.redeem_again()
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")
    assert rp.party.userinfo(signed_in.tokens["access_token"]).status_code == 401


@pytest.mark.rfc("RFC 6749 section 6")
@pytest.mark.module("oidcc-refresh-token")
def test_a_refresh_token_is_its_clients_alone(rp: RelyingParty) -> None:
    first = rp.sign_in(scope="openid offline_access", prompt="consent")
    other = rp.world.client(rp.client.tenant, pkce_required=False)
    stranger = RelyingParty(rp.world, other, rp.person).party.refresh(first.tokens["refresh_token"])
    assert (stranger.status_code, stranger.json["error"]) == (400, "invalid_grant")
    rp.world.clock.move(seconds=2)
    renewed = rp.party.refresh(first.tokens["refresh_token"]).json
    assert renewed["access_token"] != first.tokens["access_token"]
    assert renewed["refresh_token"] != first.tokens["refresh_token"]
    told = rp.party.userinfo(renewed["access_token"]).json
    assert told["sub"] == first.claims["sub"]


@pytest.mark.module("oidcc-ensure-registered-redirect-uri")
def test_an_unregistered_redirect_uri_gets_a_page(rp: RelyingParty) -> None:
    answer = rp.ask(redirect_uri="https://rp.example/callback/another")
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    assert "Location" not in answer.headers


@pytest.mark.module("oidcc-response-type-missing")
def test_a_request_without_a_response_type_is_refused(rp: RelyingParty) -> None:
    said = answered(rp.ask(response_type=None))
    assert said["error"] in {"invalid_request", "unsupported_response_type"}
