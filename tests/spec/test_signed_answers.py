"""JWT Secured Authorization Response Mode (JARM): answers that a client can verify."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from authserver.clients.options import Options
from tests.spec.tools import Stage, error_of, get, part, stage, tenant_stage
from tests.support.browser import ISSUER, answered
from tests.support.world import World

MODES = ["jwt", "query.jwt", "form_post.jwt"]


def signed_stage(world: World, alg: str = "ES256", **more: Any) -> Stage:
    return stage(world, options=Options(authorization_signed_response_alg=alg), **more)


def verified(on: Stage, response: str, alg: str = "ES256") -> dict[str, Any]:
    """Do what a client has to do (JARM section 2.4)."""
    keys = KeySet.import_key_set(get(on.world, f"{on.prefix}/oauth/jwks").json)
    token = jwt.decode(response, keys, algorithms=[alg])
    claims = token.claims
    assert (claims["iss"], claims["aud"]) == (ISSUER + on.prefix, on.client.id)
    assert 0 < claims["exp"] - on.world.clock.now().timestamp() <= 600
    return claims


@pytest.mark.rfc("JARM section 2.1")
@pytest.mark.rfc("JARM section 2.3")
@pytest.mark.parametrize("mode", MODES)
def test_a_code_and_an_error_come_signed_and_alone(world: World, mode: str) -> None:
    on = signed_stage(world)
    browser = on.browser()
    success = browser.complete(on.client, on.person, response_mode=mode)
    assert ("Location" in success.headers) == (mode != "form_post.jwt")
    said = answered(success)
    assert list(said) == ["response"]
    claims = verified(on, said["response"])
    assert claims["state"] == "the state"
    assert on.party.redeem(claims["code"]).status_code == 200
    failure = answered(browser.authorize(on.client, response_mode=mode, scope="unknown"))
    assert list(failure) == ["response"]
    claims = verified(on, failure["response"])
    assert (claims["error"], claims["state"]) == ("invalid_scope", "the state")
    at_once = answered(browser.authorize(on.client, response_mode=mode, state=None))
    assert "state" not in verified(on, at_once["response"])


@pytest.mark.every_database
@pytest.mark.rfc("JARM section 3")
def test_nobody_gets_signed_answers_who_did_not_register_for_them(on: Stage) -> None:
    for mode in MODES:
        told = answered(on.browser().authorize(on.client, response_mode=mode))
        assert told["error"] == "invalid_request"
        assert "response" not in told


@pytest.mark.rfc("JARM section 2.3")
def test_the_mode_decides_and_not_the_registration(world: World) -> None:
    on = signed_stage(world)
    assert "code" in answered(on.browser().complete(on.client, on.person))
    refused = answered(on.browser().authorize(on.client, response_mode="fragment.jwt"))
    assert refused["error"] == "invalid_request"


@pytest.mark.rfc("JARM section 4")
@pytest.mark.bcp("R-36")
def test_each_published_algorithm_signs_answers(world: World) -> None:
    published = get(world, "/.well-known/openid-configuration").json
    assert set(MODES) < set(published["response_modes_supported"])
    algorithms = published["authorization_signing_alg_values_supported"]
    assert "none" not in algorithms
    for alg in algorithms:
        on = signed_stage(world, alg)
        told = answered(on.browser().authorize(on.client, response_mode="jwt", prompt="none"))
        assert verified(on, told["response"], alg)["error"] == "login_required"


@pytest.mark.bcp("R-18")
def test_a_tenants_issuer_signs_with_its_own_keys(world: World) -> None:
    on = tenant_stage(world, options=Options(authorization_signed_response_alg="EdDSA"))
    told = answered(on.browser().authorize(on.client, response_mode="jwt", prompt="none"))
    verified(on, told["response"], "EdDSA")


def test_a_signed_answer_is_no_other_token(world: World) -> None:
    on = signed_stage(world, "RS256")
    browser = on.browser()
    response = answered(browser.complete(on.client, on.person, response_mode="jwt"))["response"]
    assert part(response, 0)["typ"] != "at+jwt"
    assert on.party.userinfo(response).status_code == 401
    hinted = answered(browser.authorize(on.client, id_token_hint=response, prompt="none"))
    assert hinted["error"] == "invalid_request"
    code = on.party.redeem(response)
    assert error_of(code) == (400, "invalid_grant")
