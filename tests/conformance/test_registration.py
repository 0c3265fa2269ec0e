"""Dynamic OP: what a client says of itself when it registers, and what becomes of it."""

from typing import Any

import pytest

from tests.conformance.elsewhere import Elsewhere
from tests.conformance.party import RelyingParty
from tests.conformance.registering import CALLBACK, Registry, page_of, registry
from tests.spec.assertions import ASSERTION_TYPE, KeyPair, assertion, claims_of
from tests.spec.tools import part
from tests.support.browser import ISSUER
from tests.support.world import World

JWKS = "https://rp.example/jwks"


@pytest.fixture(name="registry")
def _registry(world: World) -> Registry:
    return registry(world)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    there = Elsewhere()
    there.stand_in(monkeypatch)
    return there


@pytest.mark.every_database
@pytest.mark.module("oidcc-idtoken-rs256")
@pytest.mark.rfc("OpenID Connect Registration section 3.1")
@pytest.mark.rfc("OpenID Connect Registration section 3.2")
@pytest.mark.rfc("RFC 7591 section 3.2.1")
def test_a_client_registers_and_signs_somebody_in(registry: Registry) -> None:
    rp, told = registry.register(id_token_signed_response_alg="RS256")
    assert told["client_secret"]
    assert told["client_secret_expires_at"] == 0
    assert told["registration_client_uri"] == f"{ISSUER}/oauth/register/{told['client_id']}"
    assert part(rp.sign_in().tokens["id_token"], 0)["alg"] == "RS256"


@pytest.mark.module("oidcc-userinfo-rs256")
@pytest.mark.rfc("OpenID Connect Registration section 2")
@pytest.mark.rfc("OpenID Connect Core section 5.3.2")
def test_userinfo_is_signed_for_who_asked_for_it(registry: Registry) -> None:
    rp, _ = registry.register(userinfo_signed_response_alg="RS256")
    signed_in = rp.sign_in()
    answer = rp.party.userinfo(signed_in.tokens["access_token"])
    assert answer.mimetype == "application/jwt"
    header, claims = part(answer.text, 0), part(answer.text, 1)
    assert header["alg"] == "RS256"
    assert claims["sub"] == signed_in.claims["sub"]
    assert claims["iss"] == ISSUER
    assert rp.client.id in (claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]])


@pytest.mark.module("oidcc-registration-logo-uri")
@pytest.mark.module("oidcc-registration-policy-uri")
@pytest.mark.module("oidcc-registration-tos-uri")
def test_links_of_a_client_are_shown(registry: Registry) -> None:
    links = {
        "policy_uri": "https://rp.example/policy",
        "tos_uri": "https://rp.example/terms",
        "logo_uri": "https://rp.example/logo.png",
    }
    rp, told = registry.register(**links)
    shown = page_of(rp)
    for name in ("policy_uri", "tos_uri"):
        assert told[name] == links[name]
        assert f'href="{links[name]}"' in shown
    assert links["logo_uri"] not in shown, "it is served from here, or not at all"


@pytest.mark.module("oidcc-redirect-uri-regfrag")
@pytest.mark.rfc("OpenID Connect Registration section 3.3")
@pytest.mark.rfc("RFC 7591 section 3.2.2")
def test_a_redirect_uri_with_a_fragment_is_refused(registry: Registry) -> None:
    answer = registry.ask(redirect_uris=[f"{CALLBACK}#foobar"])
    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.json["error"] in {"invalid_redirect_uri", "invalid_client_metadata"}


@pytest.mark.module("oidcc-registration-sector-uri")
@pytest.mark.module("oidcc-registration-sector-bad")
@pytest.mark.rfc("OpenID Connect Registration section 5")
@pytest.mark.rfc("OpenID Connect Core section 8.1")
def test_a_sector_has_to_list_the_redirect_uris(registry: Registry, elsewhere: Elsewhere) -> None:
    sector = elsewhere.put("https://rp.example/sector.json", [CALLBACK])
    pairwise = {"subject_type": "pairwise", "sector_identifier_uri": sector}
    bad = registry.ask(redirect_uris=["https://rp.example/another"], **pairwise)
    assert (bad.status_code, bad.json["error"]) == (400, "invalid_client_metadata")
    rp, told = registry.register(**pairwise)
    assert told["subject_type"] == "pairwise"
    subject = rp.sign_in().claims["sub"]
    assert subject != rp.person.id


@pytest.fixture
def keyed(registry: Registry, elsewhere: Elsewhere) -> tuple[RelyingParty, KeyPair]:
    """A client that publishes its keys and proves who it is with them."""
    key = KeyPair("RS256")
    elsewhere.put(JWKS, {"keys": [key.public]})
    rp, told = registry.register(
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri=JWKS,
        grant_types=["authorization_code", "refresh_token"],
    )
    assert told["jwks_uri"] == JWKS
    assert "client_secret" not in told
    return rp, key


def proof(rp: RelyingParty, key: KeyPair, **more: Any) -> dict[str, str]:
    return {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(rp.world, key, rp.client.id, **more),
    }


@pytest.mark.module("oidcc-registration-jwks-uri")
@pytest.mark.module("oidcc-ensure-client-assertion-with-iss-aud-succeeds")
@pytest.mark.rfc("OpenID Connect Core section 9")
@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/oauth/token", [ISSUER]])
def test_keys_at_an_address_prove_a_client(
    keyed: tuple[RelyingParty, KeyPair], audience: object
) -> None:
    rp, key = keyed
    said = rp.answer()
    assert rp.finish(said, client_id=None, **proof(rp, key, aud=audience)).claims["sub"]


@pytest.mark.module("oidcc-server")
@pytest.mark.module("oidcc-scope-all")
@pytest.mark.rfc("OpenID Connect Core section 9")
@pytest.mark.rfc("OpenID Connect Registration section 2")
def test_one_key_by_value_needs_no_name_and_no_scope_has_to_be_named(registry: Registry) -> None:
    """The plans register so: what is left out has its default, scopes among it."""
    key = KeyPair("RS256")
    nameless = {name: value for name, value in key.public.items() if name != "kid"}
    rp, told = registry.register(
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [nameless]},
        grant_types=["authorization_code"],
        response_types=["code"],
        contacts=["certification@example.com"],
    )
    assert told["jwks"] == {"keys": [nameless]}
    assert told["id_token_signed_response_alg"] == "RS256"
    claims = claims_of(rp.world, rp.client.id, aud=f"{ISSUER}/oauth/token")
    said = rp.answer(scope="openid email phone address profile")
    form = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": key.sign({"alg": "RS256"}, claims),
    }
    assert rp.finish(said, client_id=None, **form).userinfo()["email"] == rp.person.email


@pytest.mark.module("oidcc-server")
@pytest.mark.rfc("OpenID Connect Registration section 2")
def test_a_client_that_says_nothing_but_where_it_is_gets_the_defaults(registry: Registry) -> None:
    rp, told = registry.register()
    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert told["response_types"] == ["code"]
    assert told["grant_types"] == ["authorization_code"]
    assert told["application_type"] == "web"
    assert told["subject_type"] == "public"
    tokens = rp.sign_in().tokens
    assert part(tokens["id_token"], 0)["alg"] == told["id_token_signed_response_alg"] == "RS256"
    assert "refresh_token" not in tokens, "it did not register the grant"


@pytest.mark.module("oidcc-refresh-token-rp-key-rotation")
@pytest.mark.rfc("OpenID Connect Core section 10.1")
def test_a_client_rotates_its_keys(
    keyed: tuple[RelyingParty, KeyPair], elsewhere: Elsewhere
) -> None:
    rp, key = keyed
    said = rp.answer(scope="openid offline_access", prompt="consent")
    signed_in = rp.finish(said, client_id=None, **proof(rp, key))
    newer = KeyPair("ES256")
    elsewhere.put(JWKS, {"keys": [newer.public]})
    refreshed = rp.party.refresh(
        signed_in.tokens["refresh_token"], client_id=None, **proof(rp, newer)
    )
    assert refreshed.status_code == 200, refreshed.text
    stale = rp.party.refresh(refreshed.json["refresh_token"], client_id=None, **proof(rp, key))
    assert (stale.status_code, stale.json["error"]) == (401, "invalid_client")
