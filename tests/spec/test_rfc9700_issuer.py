"""RFC 9700 section 4.4 and RFC 9207: every answer says who gives it. Section 2.6: metadata."""

import pytest

from tests.spec.tools import Stage, get, part, stage, tenant_stage
from tests.support.browser import ISSUER, answered
from tests.support.world import World


@pytest.mark.rfc("RFC 9207 section 2")
@pytest.mark.any_database
@pytest.mark.bcp("R-18")
@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_every_success_names_the_issuer(on: Stage, mode: str) -> None:
    answer = on.browser().complete(on.client, on.person, response_mode=mode)
    assert answered(answer)["iss"] == ISSUER


@pytest.mark.rfc("RFC 9207 section 2")
@pytest.mark.any_database
@pytest.mark.bcp("R-18")
@pytest.mark.parametrize("mode", ["query", "form_post"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"response_type": "token"},
        {"scope": "unknown"},
        {"prompt": "none"},
        {"code_challenge": None},
        {"resource": "https://unknown.example"},
        {"request": "x"},
        {"max_age": "x"},
    ],
)
def test_every_error_names_the_issuer(on: Stage, wrong: dict[str, str | None], mode: str) -> None:
    said = answered(on.browser().authorize(on.client, response_mode=mode, **wrong))
    assert said["iss"] == ISSUER
    assert said["state"] == "the state"
    assert "error" in said


@pytest.mark.every_database
@pytest.mark.bcp("R-18")
def test_a_refusal_by_the_person_names_the_issuer(on: Stage) -> None:
    browser = on.browser()
    back = browser.sign_in(browser.authorize(on.client), on.person)
    denied = browser.submit(browser.follow(browser.follow(back)), decision="deny")
    said = answered(browser.follow(denied))
    assert (said["error"], said["iss"]) == ("access_denied", ISSUER)


@pytest.mark.rfc("RFC 9207 section 3")
@pytest.mark.rfc("RFC 8414 section 3.3")
@pytest.mark.bcp("R-18")
def test_the_issuer_is_the_same_string_everywhere(world: World) -> None:
    stages = [stage(world), tenant_stage(world), tenant_stage(world)]
    seen = []
    for on in stages:
        answer = answered(on.browser().complete(on.client, on.person))
        tokens = on.party.redeem(answer["code"]).json
        published = get(world, f"{on.prefix}/.well-known/openid-configuration").json
        names = {
            answer["iss"],
            published["issuer"],
            part(tokens["id_token"], 1)["iss"],
            part(tokens["access_token"], 1)["iss"],
            on.party.introspect(tokens["access_token"]).json["iss"],
        }
        assert names == {ISSUER + on.prefix}
        assert published["authorization_response_iss_parameter_supported"] is True
        seen += names
    assert len(set(seen)) == 3


@pytest.mark.any_database
@pytest.mark.bcp("R-18")
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.test"},
        {"Host": "auth.example:8443"},
        {"X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "http"},
        {"Forwarded": "host=evil.test;proto=http"},
        {"X-Original-URL": "/oauth/jwks", "X-Rewrite-URL": "/oauth/jwks"},
        {"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil"},
    ],
)
def test_no_header_changes_the_issuer(on: Stage, headers: dict[str, str]) -> None:
    published = get(on.world, "/.well-known/openid-configuration", headers=headers)
    assert published.json["issuer"] == ISSUER
    assert "evil" not in published.text
    browser = on.browser()
    query = {"client_id": on.client.id, "redirect_uri": on.client.redirect_uri}
    answer = browser.get("/oauth/authorize", query_string=query, headers=headers)
    assert answered(answer)["iss"] == ISSUER
    page = browser.get("/", headers=headers)
    assert "evil" not in page.text


@pytest.mark.any_database
@pytest.mark.bcp("R-18")
def test_redirects_within_the_server_do_not_repeat_the_host_header(on: Stage) -> None:
    browser = on.browser()
    answer = browser.http.get(
        "/oauth/authorize",
        base_url="https://evil.test",
        query_string={
            "client_id": on.client.id,
            "redirect_uri": on.client.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "code_challenge": "A" * 43,
            "code_challenge_method": "S256",
        },
    )
    assert answer.headers["Location"].startswith("/login/password?")


@pytest.mark.any_database
@pytest.mark.bcp("R-36")
def test_both_documents_of_each_issuer_say_the_same(world: World) -> None:
    on = tenant_stage(world)
    slug = on.tenant.slug
    for paths in (
        ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"),
        (
            f"/t/{slug}/.well-known/openid-configuration",
            f"/t/{slug}/.well-known/oauth-authorization-server",
            f"/.well-known/openid-configuration/t/{slug}",
            f"/.well-known/oauth-authorization-server/t/{slug}",
        ),
    ):
        documents = [get(world, path) for path in paths]
        assert {document.status_code for document in documents} == {200}
        assert len({document.data for document in documents}) == 1


@pytest.mark.bcp("R-30")
def test_client_ids_are_ours_and_never_look_like_people(on: Stage) -> None:
    from authserver.clients.registration import Registration  # noqa: PLC0415  one use

    assert on.client.id.startswith("cli_")
    assert on.person.id.startswith("usr_")
    assert "id" not in Registration.__dataclass_fields__
    assert "client_id" not in Registration.__dataclass_fields__


@pytest.mark.bcp("R-30")
def test_a_client_named_like_a_person_is_still_told_apart(world: World) -> None:
    tenant = world.tenant()
    person = world.user(tenant, "admin")
    client = world.client(tenant, "service", name=person.id)
    from tests.support.browser import Party  # noqa: PLC0415  one use

    claims = part(Party(world, client).machine().json["access_token"], 1)
    assert claims["sub"] == claims["client_id"] == client.id != person.id
    for about_people in ("sid", "roles", "auth_time", "acr", "amr", "email", "name"):
        assert about_people not in claims


@pytest.mark.rfc("OpenID Connect Core section 15.5.2")
@pytest.mark.any_database
@pytest.mark.bcp("R-38")
@pytest.mark.parametrize("nonce", ["n-0S6_WzA2Mj", "ä ✓ <&\"'>", "x" * 2048])
def test_the_nonce_comes_back_as_it_was_sent(on: Stage, nonce: str) -> None:
    assert part(on.tokens(nonce=nonce)["id_token"], 1)["nonce"] == nonce


@pytest.mark.bcp("R-38")
def test_without_a_nonce_the_id_token_has_none(on: Stage) -> None:
    assert "nonce" not in part(on.tokens(nonce=None)["id_token"], 1)


@pytest.mark.bcp("R-38")
def test_each_sign_in_gets_its_own_nonce_back(on: Stage) -> None:
    browser = on.browser()
    codes = {nonce: browser.code(on.client, on.person, nonce=nonce) for nonce in ("one", "two")}
    for nonce, code in codes.items():
        assert part(on.party.redeem(code).json["id_token"], 1)["nonce"] == nonce
