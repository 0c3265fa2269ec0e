"""Dynamic client registration: RFC 7591, OpenID Connect Registration 1.0."""

from typing import Any

import pytest

from authserver.tenants.policy import ClientRegistration
from tests.spec.assertions import KeyPair
from tests.spec.tools import error_of, get
from tests.support.browser import ISSUER, Browser, Party
from tests.support.registering import (
    Registrar,
    initial_token,
    policy,
    published,
    registrar,
    somewhere,
)
from tests.support.trail import events
from tests.support.world import REDIRECT, World

# What a certification run registers, all of it at once.
FULL: dict[str, Any] = {
    "application_type": "web",
    "response_types": ["code"],
    "grant_types": ["authorization_code", "refresh_token"],
    "redirect_uris": [REDIRECT, f"{REDIRECT}?dummy1=lorem&dummy2=ipsum"],
    "token_endpoint_auth_method": "client_secret_post",
    "userinfo_signed_response_alg": "RS256",
    "id_token_signed_response_alg": "RS256",
    "request_object_signing_alg": "RS256",
    "request_uris": ["https://rp.example/request.jwt"],
    "initiate_login_uri": "https://rp.example/start",
    "post_logout_redirect_uris": ["https://rp.example/out"],
    "policy_uri": "https://rp.example/policy",
    "tos_uri": "https://rp.example/terms",
    "client_uri": "https://rp.example",
    "contacts": ["certification@oidf.org"],
    "default_max_age": 3600,
    "require_auth_time": True,
    "subject_type": "public",
}


@pytest.fixture(name="at")
def _at(world: World) -> Registrar:
    return registrar(world)


@pytest.mark.every_database
@pytest.mark.rfc("RFC 7592 section 3")
@pytest.mark.rfc("RFC 7591 section 3.1")
@pytest.mark.rfc("RFC 7591 section 3.2.1")
def test_a_client_registers_and_reads_everything_back(at: Registrar) -> None:
    answer = at.register(**FULL)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json
    assert {name: document[name] for name in FULL} == FULL
    assert document["client_secret"]
    assert document["client_secret_expires_at"] == 0
    assert document["client_id_issued_at"] == int(at.world.clock.now().timestamp())
    assert document["registration_client_uri"] == (
        f"{ISSUER}/oauth/register/{document['client_id']}"
    )


@pytest.mark.rfc("RFC 7591 section 2")
def test_a_client_that_says_little_gets_the_defaults(at: Registrar) -> None:
    document = at.registered()
    assert document["token_endpoint_auth_method"] == "client_secret_basic"
    assert document["grant_types"] == ["authorization_code"]
    assert document["response_types"] == ["code"]
    assert document["id_token_signed_response_alg"] == "RS256"
    assert document["application_type"] == "web"
    nameless = at.register(client_name=None).json
    assert nameless["client_name"] == "rp.example"


@pytest.mark.rfc("RFC 7591 section 2")
def test_unknown_members_are_ignored_and_known_ones_have_their_type(at: Registrar) -> None:
    document = at.registered(**{"client_name#ja-JP": "x", "favourite_colour": {"a": [1]}})
    assert "favourite_colour" not in document
    for name, value in (
        ("redirect_uris", REDIRECT), ("require_auth_time", "true"), ("default_max_age", "1"),
        ("default_max_age", True), ("contacts", [1]), ("logo_uri", {}), ("grant_types", "x"),
        ("jwks", []), ("scope", ["openid"]), ("client_name", 1),
    ):  # fmt: skip
        answer = at.register(**{name: value})
        assert error_of(answer) == (400, "invalid_client_metadata"), name


@pytest.mark.rfc("RFC 7591 section 3.2.2")
@pytest.mark.bcp("R-01")
@pytest.mark.parametrize(
    "uri",
    [
        "http://rp.example/cb", "https://rp.example/cb#", "https://*.example/cb", "javascript:x",
        "https://rp.example/a/../cb", "https://u@rp.example/cb", "com.example.app:/cb",
        "http://127.0.0.1/cb", f"{REDIRECT}?code=1",
    ],
)  # fmt: skip
def test_a_redirect_uri_that_is_not_exact_is_refused(at: Registrar, uri: str) -> None:
    assert error_of(at.register(redirect_uris=[uri])) == (400, "invalid_redirect_uri")


@pytest.mark.rfc("RFC 8252 section 8.4")
def test_native_apps_have_their_redirect_uris_and_no_secret(at: Registrar) -> None:
    uris = ["com.example.app:/cb", "http://127.0.0.1/cb"]
    document = at.registered(application_type="native", redirect_uris=uris)
    assert document["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in document
    refused = at.register(
        application_type="native",
        redirect_uris=uris,
        token_endpoint_auth_method="client_secret_basic",
    )
    assert error_of(refused) == (400, "invalid_client_metadata")


@pytest.mark.rfc("RFC 7591 section 2.1")
@pytest.mark.parametrize(
    "members",
    [
        {"response_types": ["id_token"]},
        {"response_types": ["code", "code id_token"]},
        {"grant_types": ["implicit"], "response_types": ["id_token"]},
        {"grant_types": ["password"]},
        {"grant_types": ["authorization_code", "implicit"]},
        {"grant_types": ["client_credentials"], "response_types": ["code"]},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"request_object_signing_alg": "none"},
        {"token_endpoint_auth_method": "tls_client_auth"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"scope": "openid admin:everything"},
        {"client_name": "Pаypal"},
    ],
)
def test_what_is_not_offered_is_refused_in_plain_words(
    at: Registrar, members: dict[str, Any]
) -> None:
    answer = at.register(**members)
    assert error_of(answer) == (400, "invalid_client_metadata")
    assert len(answer.json["error_description"]) > 20


def test_a_machine_registers_for_itself(at: Registrar) -> None:
    key = KeyPair()
    document = at.registered(
        grant_types=["client_credentials"],
        redirect_uris=None,
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.public]},
    )
    assert document["response_types"] == []
    assert "subject_type" not in document
    assert document["jwks"] == {"keys": [key.public]}


@pytest.mark.rfc("OIDC-REGISTRATION section 2")
def test_private_keys_are_refused(at: Registrar) -> None:
    key = KeyPair().public | {"d": "A" * 43}
    answer = at.register(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key]})
    assert error_of(answer) == (400, "invalid_client_metadata")


def test_a_registered_client_signs_people_in_as_the_tenant_says(world: World) -> None:
    """Certification plans send requests without PKCE and nonce: a tenant may allow that."""
    relaxed, strict = registrar(world), registrar(world, ClientRegistration.PKCE_REQUIRED)
    for at, expected in ((relaxed, "code"), (strict, "error")):
        client = at.client(at.registered())
        person = world.user(at.tenant)
        browser = Browser(world)
        if expected == "error":
            refused = browser.authorize(client, code_challenge=None)
            assert "code_challenge" in refused.text, "a page, as nobody has looked at the client"
            continue
        bare = {"code_challenge": None, "code_challenge_method": None, "nonce": None}
        code = browser.code(client, person, scope="openid", **bare)
        answer = Party(world, client).redeem(code, code_verifier=None)
        assert answer.status_code == 200, answer.text
        assert "refresh_token" not in answer.json, "the client did not ask for that grant"


@pytest.mark.rfc("RFC 7591 section 3")
def test_public_clients_always_use_pkce(at: Registrar) -> None:
    client = at.client(at.registered(token_endpoint_auth_method="none"))
    refused = Browser(at.world).authorize(client, code_challenge=None)
    assert "Location" not in refused.headers, "a page, as nobody has looked at the client"


def test_at_a_tenants_issuer_its_clients_register_for_it(world: World) -> None:
    at = registrar(world, own_issuer=True)
    document = at.registered()
    assert document["registration_client_uri"].startswith(f"{ISSUER}{at.prefix}/oauth/register/")
    assert at.own("GET", document).status_code == 200
    elsewhere = Registrar(world, at.tenant, at.token, at.token_id)
    path = f"/oauth/register/{document['client_id']}"
    token = document["registration_access_token"]
    assert error_of(elsewhere.send("GET", path, token)) == (401, "invalid_token")


@pytest.mark.bcp("R-36")
def test_the_metadata_names_the_endpoint_where_it_is_open(world: World) -> None:
    at = registrar(world, own_issuer=True)
    document = "/.well-known/openid-configuration"
    published_url = get(world, at.prefix + document).json["registration_endpoint"]
    assert published_url == f"{ISSUER}{at.prefix}/oauth/register"
    policy(world, at.tenant, client_registration=ClientRegistration.CLOSED)
    assert "registration_endpoint" not in get(world, at.prefix + document).json
    assert error_of(at.register()) == (401, "invalid_token")


@pytest.mark.rfc("OIDC-REGISTRATION section 5")
def test_a_sector_has_to_list_every_redirect_uri(at: Registrar) -> None:
    uris = [REDIRECT, "https://other.example/cb"]
    with published(at.world) as out:
        sector = out.put(somewhere("/sector"), uris)
        members = {
            "subject_type": "pairwise", "redirect_uris": uris, "sector_identifier_uri": sector,
        }  # fmt: skip
        assert at.registered(**members)["sector_identifier_uri"] == sector
        for wrong in ([REDIRECT], {"redirect_uris": uris}, "x", [[REDIRECT]], b"<html>"):
            other = out.put(somewhere("/sector"), wrong)
            answer = at.register(**{**members, "sector_identifier_uri": other})
            assert error_of(answer) == (400, "invalid_client_metadata"), wrong
        answer = at.register(**{**members, "sector_identifier_uri": somewhere()})
        assert error_of(answer) == (400, "invalid_client_metadata")


@pytest.mark.rfc("RFC 7591 section 2.3")
def test_a_software_statement_counts_only_of_a_trusted_issuer(at: Registrar) -> None:
    key, other = KeyPair(), KeyPair()
    issuer = "https://directory.example"
    now = int(at.world.clock.now().timestamp())

    def statement(by: KeyPair, **claims: Any) -> str:
        said = {"iss": issuer, "client_name": "Approved", "exp": now + 60, **claims}
        return by.sign({"alg": by.alg, "kid": by.public["kid"]}, said)

    assert error_of(at.register(software_statement=statement(key))) == (
        400,
        "unapproved_software_statement",
    )
    _, token = initial_token(
        at.world, at.tenant, statement_issuer=issuer, statement_keys={"keys": [key.public]}
    )
    good = statement(key)
    document = at.register(token, software_statement=good).json
    assert document["client_name"] == "Approved"
    assert document["software_statement"] == good
    for refused, code in (
        (None, "unapproved_software_statement"),
        (statement(key, iss="https://evil.example"), "unapproved_software_statement"),
        (statement(other), "invalid_software_statement"),
        (statement(key, exp=now - 1), "invalid_software_statement"),
        (statement(key, exp="tomorrow"), "invalid_software_statement"),
        ("a.b.c", "invalid_software_statement"),
    ):
        assert error_of(at.register(token, software_statement=refused)) == (400, code)


def test_the_trail_says_who_let_a_client_register(at: Registrar) -> None:
    client_id = at.registered()["client_id"]
    created = events(at.world, at.tenant.id, "client.created")[-1].document
    assert created["resource"] == client_id
    assert created["actor"]["kind"] == "initial_access_token"
    assert created["after"]["self_registered"] is True
