"""Request objects: RFC 9101, OpenID Connect Core section 6, RFC 9700 row R-45."""

from typing import Any

import pytest

from tests.spec.assertions import KeyPair, hmac_signed
from tests.spec.objects import KEY, asking, claims_of, signed, signing_stage, unsigned
from tests.spec.tools import Stage, encode, part, stage, tenant_stage
from tests.support.browser import ISSUER, answered
from tests.support.world import World

EVIL = "https://evil.test/cb"


@pytest.fixture(name="on")
def _on(world: World) -> Stage:
    return signing_stage(world)


def error_of(on: Stage, token: str, **beside: Any) -> str:
    """Send an object; return the error that reaches the client."""
    answer = on.browser().authorize(on.client, **asking(on, request=token, **beside))
    assert answer.headers["Location"].startswith(f"{on.client.redirect_uri}?error="), answer.text
    return answered(answer)["error"]


@pytest.mark.rfc("OpenID Connect Core section 6.3")
@pytest.mark.every_database
@pytest.mark.rfc("RFC 9101 section 6.2")
@pytest.mark.bcp("R-45")
@pytest.mark.attack("ATK-098")
def test_an_object_that_the_client_did_not_sign_is_refused(on: Stage) -> None:
    claims, stranger = claims_of(on), KeyPair("ES256")
    header = {"alg": "ES256", "kid": KEY.public["kid"]}
    public = encode(KEY.public).encode()
    for token in (
        stranger.sign(header, claims),
        stranger.sign({**header, "jwk": stranger.public}, claims),
        hmac_signed({"alg": "HS256", "kid": KEY.public["kid"]}, claims, public),
        signed(on)[:-4] + "AAAA",
        "x",
        "x" * 20_000,
    ):
        told = on.browser().authorize(on.client, request=token)
        assert answered(told)["error"] == "invalid_request_object"


@pytest.mark.bcp("R-45")
@pytest.mark.rfc("OpenID Connect Core section 3.1.2.6")
def test_an_unsigned_object_is_never_taken(world: World, on: Stage) -> None:
    assert error_of(on, unsigned(on)) == "request_not_supported"
    keyless = stage(world)
    assert error_of(keyless, unsigned(keyless)) == "request_not_supported"
    published = world.app.test_client().get("/.well-known/openid-configuration").json
    assert "none" not in published["request_object_signing_alg_values_supported"]


@pytest.mark.bcp("R-04", "R-45")
def test_no_error_of_an_object_leads_to_an_unregistered_uri(on: Stage) -> None:
    bad = signed(on, aud="https://other.example", redirect_uri=EVIL)
    for token in (bad, unsigned(on, redirect_uri=EVIL), "x", signed(on, redirect_uri=EVIL)):
        for beside in ({}, {"redirect_uri": EVIL}, {"redirect_uri": EVIL, "response_mode": "jwt"}):
            answer = on.browser().authorize(on.client, **asking(on, request=token, **beside))
            assert (answer.status_code, "Location" in answer.headers) == (400, False)
            assert "evil.test" not in answer.text


@pytest.mark.bcp("R-45")
def test_a_good_object_with_an_unregistered_uri_is_a_page_whatever_stands_beside(on: Stage) -> None:
    query = asking(on, request=signed(on, redirect_uri=EVIL), redirect_uri=on.client.redirect_uri)
    answer = on.browser().authorize(on.client, **query)
    assert (answer.status_code, "Location" in answer.headers) == (400, False)


@pytest.mark.rfc("OpenID Connect Core section 6.3")
@pytest.mark.rfc("RFC 9101 section 10.2")
@pytest.mark.bcp("R-45")
@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "cli_other"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"aud": ISSUER + "/"},
        {"aud": []},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"nbf": 1},
        {"iat": 9_999_999_999},
        {"client_id": None},
        {"client_id": "cli_other"},
        {"response_type": None},
        {"request": "x"},
        {"request_uri": "https://rp.example/object"},
        {"state": "a\nb"},
    ],
    ids=str,
)
def test_what_an_object_says_of_itself_is_checked(on: Stage, wrong: dict[str, Any]) -> None:
    assert error_of(on, signed(on, **wrong)) == "invalid_request_object"


@pytest.mark.rfc("RFC 9101 section 10.8")
def test_no_other_token_of_the_client_is_a_request(on: Stage) -> None:
    assert error_of(on, signed(on, sub=on.client.id)) == "invalid_request_object"
    for typ in ("at+jwt", "logout+jwt", "dpop+jwt", "client-authentication+jwt"):
        assert error_of(on, signed(on, typ=typ)) == "invalid_request_object"
    for typ in ("JWT", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"):
        assert "/login/" in _began(on, signed(on, typ=typ))


@pytest.mark.attack("ATK-104")
def test_an_encrypted_object_is_not_taken_for_a_signed_one(on: Stage) -> None:
    sealed = ".".join([encode({"alg": "dir", "enc": "A256GCM"}), "", "aaaa", "aaaa", "aaaa"])
    told = on.browser().authorize(on.client, request=sealed)
    assert answered(told)["error"] == "invalid_request_object"


@pytest.mark.rfc("RFC 9101 section 6.3")
def test_what_stands_beside_an_object_means_nothing(on: Stage) -> None:
    browser = on.browser()
    beside = {"state": "another", "scope": "openid orders:write", "prompt": "none", "nonce": "n"}
    page = browser.authorize(on.client, **asking(on, request=signed(on), **beside))
    consent = browser.follow(browser.follow(browser.sign_in(page, on.person)))
    assert "write" not in consent.text
    done = browser.follow(browser.submit(consent, decision="allow"))
    assert answered(done)["state"] == "the state"
    claims = part(on.party.redeem(answered(done)["code"]).json["id_token"], 1)
    assert claims["nonce"] == "the nonce"


@pytest.mark.rfc("OpenID Connect Core section 6.1")
def test_the_redirect_uri_of_the_object_counts(on: Stage) -> None:
    query = asking(on, request=signed(on), redirect_uri=EVIL)
    assert "/login/" in on.browser().authorize(on.client, **query).headers["Location"]


@pytest.mark.rfc("OpenID Connect Core section 6.1")
def test_the_response_type_beside_an_object_must_agree(on: Stage) -> None:
    assert error_of(on, signed(on), response_type="token") == "invalid_request_object"
    assert "/login/" in _began(on, signed(on), response_type="code")


@pytest.mark.rfc("RFC 9101 section 5")
def test_an_object_of_another_client_is_refused(world: World, on: Stage) -> None:
    other = signing_stage(world)
    assert error_of(other, signed(on)) == "invalid_request_object"


@pytest.mark.rfc("RFC 9101 section 10.2")
@pytest.mark.bcp("R-18", "R-45")
def test_an_object_for_another_issuer_is_refused(world: World) -> None:
    on = tenant_stage(world, jwks={"keys": [KEY.public]})
    assert error_of(on, signed(on, aud=ISSUER)) == "invalid_request_object"
    assert "/login/" in _began(on, signed(on))


@pytest.mark.rfc("RFC 9101 section 6.2")
@pytest.mark.rfc("RFC 9101 section 4")
@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "ES384", "EdDSA"])
def test_each_published_algorithm_verifies(world: World, alg: str) -> None:
    key = KeyPair(alg)
    on = signing_stage(world, key)
    published = on.browser().get("/.well-known/openid-configuration").json
    assert alg in published["request_object_signing_alg_values_supported"]
    assert "/login/" in _began(on, signed(on, key))


@pytest.mark.bcp("R-45")
def test_only_the_registered_algorithm_counts(world: World) -> None:
    rsa = KeyPair("RS256")
    on = signing_stage(world, KEY, rsa, options={"request_object_signing_alg": "ES256"})
    assert "/login/" in _began(on, signed(on))
    assert error_of(on, signed(on, rsa)) == "invalid_request_object"


@pytest.mark.rfc("RFC 9101 section 10.5")
def test_a_client_that_signs_its_requests_has_no_other(world: World) -> None:
    on = signing_stage(world, options={"require_signed_request_object": True})
    plain = on.browser().authorize(on.client)
    assert answered(plain)["error"] == "invalid_request"
    pushed = on.party.send("par", claims_of(on))
    assert (pushed.status_code, pushed.json["error"]) == (400, "invalid_request")
    assert "/login/" in _began(on, signed(on))
    assert on.party.send("par", {"request": signed(on)}).status_code == 201


@pytest.mark.rfc("RFC 9101 section 4")
def test_members_may_be_json_and_a_life_is_optional(on: Stage) -> None:
    token = signed(on, max_age=60, claims={"userinfo": {"name": None}}, exp=None, nbf=None)
    assert "/login/" in _began(on, token)


@pytest.mark.rfc("RFC 9101 section 5")
def test_request_and_request_uri_exclude_each_other(on: Stage) -> None:
    told = on.browser().authorize(on.client, request=signed(on), request_uri="https://rp.example/o")
    assert answered(told)["error"] == "invalid_request"


def test_the_checks_are_those_of_every_request(on: Stage) -> None:
    for wrong, error in (
        ({"scope": "unknown"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"resource": ["https://unknown.example"]}, "invalid_target"),
        ({"prompt": "none"}, "login_required"),
        ({"registration": {"x": 1}}, "registration_not_supported"),
    ):
        assert error_of(on, signed(on, **wrong)) == error


def _began(on: Stage, token: str, **beside: Any) -> str:
    query = asking(on, request=token, **beside)
    return on.browser().authorize(on.client, **query).headers["Location"]
