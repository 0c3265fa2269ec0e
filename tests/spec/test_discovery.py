"""The metadata, member by member, against what the server does: RFC 8414, OIDC Discovery 1.0."""

from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from authserver.oauth.authorize.outgoing import jarm
from tests.spec.assertions import KeyPair, assertion, authenticate, registered
from tests.spec.tools import Stage, error_of, get, part, post, stage, tenant_stage
from tests.support.browser import ISSUER, Party, answered
from tests.support.details import DETAILS, say
from tests.support.world import World

DOCUMENT = "/.well-known/openid-configuration"


@pytest.fixture(name="published")
def _published(world: World) -> dict[str, Any]:
    return get(world, DOCUMENT).json


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.3.2.1-1")
@pytest.mark.any_database
@pytest.mark.bcp("R-36")
@pytest.mark.parametrize("kind", [AuthorizationServerMetadata, OpenIDProviderMetadata])
def test_the_documents_pass_a_validator_of_others(world: World, kind: type) -> None:
    for on in (stage(world), tenant_stage(world)):
        kind(get(world, on.prefix + DOCUMENT).json).validate()


@pytest.mark.rfc("RFC 8414 section 3")
@pytest.mark.any_database
@pytest.mark.bcp("R-36")
@pytest.mark.parametrize("name", ["openid-configuration", "oauth-authorization-server"])
def test_the_documents_are_public_json_with_an_etag(world: World, name: str) -> None:
    answer = get(world, f"/.well-known/{name}")
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = get(world, f"/.well-known/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.any_database
@pytest.mark.rfc("RFC 9110 section 13.1.2")
@pytest.mark.parametrize(
    "path", [DOCUMENT, "/.well-known/oauth-authorization-server", "/oauth/jwks"]
)
def test_a_document_is_the_same_whichever_way_it_is_asked_for(world: World, path: str) -> None:
    """A plain GET is answered without the request being read; these are read."""
    for on in (stage(world), tenant_stage(world)):
        plain = get(world, on.prefix + path)
        outdated = get(world, on.prefix + path, headers={"If-None-Match": '"another"'})
        head = world.app.test_client().head(on.prefix + path)
        assert plain.status_code == outdated.status_code == head.status_code == 200
        assert plain.data == outdated.data
        for answer in (outdated, head):
            said = [dict(one.headers) for one in (plain, answer)]
            for headers in said:
                del headers["X-Correlation-Id"]
            assert said[0] == said[1]


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Discovery section 4")
@pytest.mark.bcp("R-36")
def test_every_endpoint_that_is_named_is_there(world: World) -> None:
    for on in (stage(world), tenant_stage(world)):
        published = get(world, on.prefix + DOCUMENT).json
        assert published["issuer"] == ISSUER + on.prefix
        urls = {n: u for n, u in published.items() if n.endswith(("_endpoint", "_uri"))}
        # A tenant's clients register themselves only where it lets them.
        registration = () if on.prefix else ("registration_endpoint",)
        assert sorted(urls) == [
            *("authorization_endpoint", "device_authorization_endpoint", "end_session_endpoint"),
            "introspection_endpoint",
            *("jwks_uri", "pushed_authorization_request_endpoint", *registration),
            *("revocation_endpoint", "token_endpoint", "userinfo_endpoint"),
        ]
        for name, url in urls.items():
            assert url.startswith(f"{published['issuer']}/oauth/"), name
            answer = get(world, url.removeprefix(ISSUER))
            assert answer.status_code not in {404, 500}, name


@pytest.mark.any_database
@pytest.mark.bcp("R-36")
def test_each_response_mode_works(on: Stage, published: dict[str, Any]) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    assert published["response_modes_supported"] == ["query", "form_post", *jarm.MODES]
    for mode in ("query", "form_post"):  # the others are in test_signed_answers.py
        assert "code" in answered(browser.authorize(on.client, response_mode=mode))


@pytest.mark.any_database
@pytest.mark.bcp("R-36")
def test_each_prompt_is_understood(on: Stage, published: dict[str, Any]) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    on.world.clock.move(seconds=1)
    pages = {
        prompt: browser.authorize(on.client, prompt=prompt).headers["Location"]
        for prompt in published["prompt_values_supported"]
    }
    assert sorted(pages) == ["consent", "create", "login", "none", "select_account"]
    assert pages["none"].startswith(on.client.redirect_uri)
    # Where nobody can register, `create` asks for nothing more than to be signed in.
    here = pages.keys() - {"none", "create"}
    assert all(pages[name].startswith("/login/") for name in here)


@pytest.mark.bcp("R-36")
def test_each_grant_type_is_known_and_no_other(world: World, published: dict[str, Any]) -> None:
    client = world.client(world.tenant(), "spa")
    for grant in (*published["grant_types_supported"], "password", "implicit"):
        said = error_of(Party(world, client).token(grant_type=grant))[1]
        assert (said == "unsupported_grant_type") == (grant in {"password", "implicit"}), grant


@pytest.mark.bcp("R-36")
@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_each_authentication_method_works_where_it_is_named(
    world: World, published: dict[str, Any], endpoint: str
) -> None:
    path = published[f"{endpoint}_endpoint"].removeprefix(ISSUER)
    key, tenant = KeyPair(), world.tenant()
    secret = world.client(tenant, "service", auth_method="client_secret_post")
    basic = world.client(tenant, "service")
    jwt = registered(world, key, tenant=tenant)
    spa = world.client(tenant, "spa")
    form = {"token": "x", "grant_type": "client_credentials"}
    by_post = {**form, "client_id": secret.id, "client_secret": secret.secret}
    answers = {
        "client_secret_basic": post(world, path, form, auth=(basic.id, basic.secret)),
        "client_secret_post": post(world, path, by_post),
        "private_key_jwt": authenticate(world, assertion(world, key, jwt.id), path, token="x"),
        "none": post(world, path, {**form, "client_id": spa.id}),
    }
    works = {name for name, answer in answers.items() if answer.status_code != 401}
    assert works == set(published[f"{endpoint}_endpoint_auth_methods_supported"])


@pytest.mark.bcp("R-36")
@pytest.mark.rfc("RFC 8414 section 2")
@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_signing_algorithms_stand_beside_private_key_jwt(
    published: dict[str, Any], endpoint: str
) -> None:
    assert "private_key_jwt" in published[f"{endpoint}_endpoint_auth_methods_supported"]
    algorithms = published[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
    assert sorted(algorithms) == ["ES256", "ES384", "EdDSA", "PS256", "RS256"]


@pytest.mark.bcp("R-36")
def test_each_id_token_algorithm_signs_and_its_key_is_published(
    world: World, published: dict[str, Any]
) -> None:
    keys = {key["kid"]: key for key in get(world, "/oauth/jwks").json["keys"]}
    assert "RS256" in published["id_token_signing_alg_values_supported"]
    assert "none" not in published["id_token_signing_alg_values_supported"]
    for alg in published["id_token_signing_alg_values_supported"]:
        header = part(stage(world, id_token_alg=alg).tokens()["id_token"], 0)
        assert (header["alg"], keys[header["kid"]]["alg"]) == (alg, alg)


@pytest.mark.bcp("R-36")
def test_each_scope_is_granted_and_each_claim_appears(on: Stage, published: dict[str, Any]) -> None:
    assert published["scopes_supported"] == [
        *("openid", "profile", "email", "address", "phone", "offline_access")
    ]
    say(on.world, on.person, **DETAILS)
    tokens = on.tokens(scope=" ".join(published["scopes_supported"]))
    seen = set(part(tokens["id_token"], 1)) | set(on.party.userinfo(tokens["access_token"]).json)
    rarely_known = {"locale", "picture", "zoneinfo"}
    assert set(published["claims_supported"]) - rarely_known <= seen


def test_what_is_not_offered_is_not_named(on: Stage, published: dict[str, Any]) -> None:
    assert "check_session_iframe" not in published
    refused = answered(on.browser().authorize(on.client, registration="{}"))
    assert refused["error"] == "registration_not_supported"


@pytest.mark.bcp("R-36")
def test_requests_may_stand_where_the_metadata_say(on: Stage, published: dict[str, Any]) -> None:
    """That they do is in test_request_objects.py, test_request_uris.py and their neighbours."""
    for parameter, error in (
        ("request", "invalid_request_object"),
        ("request_uri", "invalid_request_uri"),
    ):
        assert published[f"{parameter}_parameter_supported"] is True
        told = answered(on.browser().authorize(on.client, **{parameter: "https://rp.example/x"}))
        assert told["error"] == error
    assert published["require_request_uri_registration"] is True
    assert published["require_pushed_authorization_requests"] is False
    for display in published["display_values_supported"]:
        assert "/login/" in on.browser().authorize(on.client, display=display).headers["Location"]


@pytest.mark.rfc("RFC 8414 section 2")
def test_pages_for_people_are_named_where_the_operator_has_some() -> None:
    from authserver.oauth.discovery import DiscoveryEndpoint  # noqa: PLC0415  one use
    from authserver.tenants.resolve import Issuer  # noqa: PLC0415  the same

    links = {"service_documentation": "https://docs.example", "op_tos_uri": "https://tos.example"}
    keys: Any = type("NoKeys", (), {"get": lambda *_: None})()
    for given in (links, {}):
        said = DiscoveryEndpoint(keys, given).of(Issuer(ISSUER)).answer.body.decode()
        assert all((f'"{name}":"{url}"' in said) == bool(given) for name, url in links.items())


@pytest.mark.bcp("R-36")
def test_the_acr_values_are_those_of_the_tokens(on: Stage, published: dict[str, Any]) -> None:
    assert part(on.tokens()["id_token"], 1)["acr"] in published["acr_values_supported"]


@pytest.mark.any_database
@pytest.mark.bcp("R-36")
def test_each_language_has_its_pages(on: Stage, published: dict[str, Any]) -> None:
    browser = on.browser()
    for language in published["ui_locales_supported"]:
        page = browser.follow(browser.authorize(on.client, ui_locales=language))
        assert f'<html lang="{language}"' in page.text


@pytest.mark.bcp("R-36")
def test_the_key_set_holds_public_keys_only(world: World) -> None:
    answer = get(world, "/oauth/jwks")
    assert answer.mimetype == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    keys = answer.json["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) >= 2
    for key in keys:
        assert key["use"] == "sig"
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)
    again = get(world, "/oauth/jwks", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.any_database
@pytest.mark.rfc("RFC 9110 section 9.3.2")
@pytest.mark.parametrize("path", [DOCUMENT, "/oauth/jwks", "/", "/oauth/token", "/none"])
def test_the_answer_to_head_has_no_body(world: World, path: str) -> None:
    answer = world.app.test_client().head(path, base_url=ISSUER)
    assert answer.data == b""


@pytest.mark.any_database
@pytest.mark.bcp("R-36")
@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-configuration/",
        "/.well-known/openid-configuration/t/no-such-tenant",
        "/t/no-such-tenant/.well-known/openid-configuration",
        "/t/../.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/t/",
    ],
)
def test_there_is_no_metadata_of_an_issuer_that_is_not_there(world: World, path: str) -> None:
    assert get(world, path).status_code == 404
