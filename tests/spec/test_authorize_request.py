"""The authorization request: RFC 6749 sections 3.1 and 4.1.1, OpenID Connect Core section 3.1.2."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.spec.tools import Stage, events, part, stage
from tests.support.browser import ISSUER, answered, authorization, hidden
from tests.support.world import World


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.5")
@pytest.mark.every_database
@pytest.mark.rfc("RFC 6749 section 4.1.2")
def test_the_answer_carries_code_state_and_iss_and_nothing_else(on: Stage) -> None:
    answer = on.browser().complete(on.client, on.person)
    assert answer.status_code == 303
    assert sorted(answered(answer)) == ["code", "iss", "state"]


@pytest.mark.rfc("RFC 6749 section 10.12")
@pytest.mark.rfc("RFC 6749 section 4.1.2")
@pytest.mark.parametrize(
    "state", ["a b+c&d=e%20#f", "ä✓😀", "<script>alert(1)</script>", "'\"\\", "x" * 2048, "&code=x"]
)
def test_the_state_comes_back_exactly_as_it_was_sent(on: Stage, state: str) -> None:
    browser = on.browser()
    for answer in (
        browser.complete(on.client, on.person, state=state),
        browser.authorize(on.client, state=state, scope="unknown"),
    ):
        query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query, strict_parsing=True))
        assert query["state"] == state


@pytest.mark.rfc("RFC 6749 section 4.1.2")
def test_without_a_state_none_is_made_up(on: Stage) -> None:
    browser = on.browser()
    assert "state" not in answered(browser.complete(on.client, on.person, state=None))
    assert "state" not in answered(browser.authorize(on.client, state=None, scope="unknown"))


@pytest.mark.rfc("RFC 6749 section 3.1")
def test_get_and_post_are_the_same(on: Stage) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    form = dict(parse_qsl(urlsplit(browser.authorize(on.client).request.url).query))
    assert "code" in answered(browser.post("/oauth/authorize", data=form))


@pytest.mark.rfc("RFC 6749 section 3.1")
@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_a_form_of_the_clients_page_finds_who_is_signed_in(on: Stage) -> None:
    """Browsers send no cookies with such a form, and send them where it leads."""
    browser = on.browser()
    browser.complete(on.client, on.person)
    form = authorization(on.client, prompt="none", state="ä +&=", client_secret="of nobody")
    answer = posted_elsewhere(on, form)
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers, "what is open in other tabs goes on"
    there = urlsplit(answer.headers["Location"])
    assert (there.netloc, there.path) == ("", "/oauth/authorize")
    assert dict(parse_qsl(there.query)) == {k: v for k, v in form.items() if k != "client_secret"}
    said = answered(browser.follow(answer))
    assert (bool(said["code"]), said["state"]) == (True, "ä +&=")


@pytest.mark.rfc("RFC 6749 section 3.1")
def test_a_form_that_is_too_long_for_a_url_is_answered_as_it_came(on: Stage) -> None:
    long = {"state": "x" * 2048, "nonce": "y" * 2048}
    answer = posted_elsewhere(on, authorization(on.client, prompt="none", **long))
    assert answered(answer)["error"] == "login_required"


@pytest.mark.bcp("R-39")
def test_a_form_of_elsewhere_is_read_as_strictly(on: Stage) -> None:
    body = urlencode(authorization(on.client)) + "&scope=openid"
    assert posted_elsewhere(on, body).status_code == 400
    assert "Location" not in posted_elsewhere(on, {"client_id": on.client.id}, "?x=1").headers


def posted_elsewhere(on: Stage, form: object, query: str = "") -> TestResponse:
    http = on.world.app.test_client(use_cookies=False)
    return http.post(
        f"/oauth/authorize{query}",
        base_url=ISSUER,
        data=form,
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://rp.example"},
        content_type="application/x-www-form-urlencoded",
    )


@pytest.mark.rfc("RFC 6749 section 3.1")
def test_unknown_and_empty_parameters_are_ignored(on: Stage) -> None:
    browser = on.browser()
    more = {"foo": "bar", "claims": "", "prompt": "", "max_age": "", "nonce": "", "resource": ""}
    assert "code" in answered(browser.complete(on.client, on.person, **more))


@pytest.mark.rfc("RFC 6749 section 3.1.2")
def test_the_query_of_a_redirect_uri_is_kept(world: World) -> None:
    on = stage(world, redirect_uris=["https://rp.example/cb?tenant=a%20b&x=1"])
    location = on.browser().complete(on.client, on.person).headers["Location"]
    assert location.startswith("https://rp.example/cb?tenant=a%20b&x=1&code=")


@pytest.mark.any_database
@pytest.mark.rfc("RFC 8252 section 7.1")
@pytest.mark.parametrize("uri", ["com.example.app:/cb", "com.example.app:/cb?x=1"])
def test_a_native_app_is_called_back_by_its_scheme(world: World, uri: str) -> None:
    on = stage(world, "native", redirect_uris=[uri])
    location = on.browser().complete(on.client, on.person).headers["Location"]
    assert location.startswith(uri)
    code = parse_qsl(urlsplit(location).query)
    assert "code" in dict(code)


@pytest.mark.any_database
@pytest.mark.rfc("RFC 6749 section 4.1.2.1")
@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"scope": "openid  email"}, "invalid_scope"),
        ({"scope": " openid"}, "invalid_scope"),
        ({"scope": 'openid "x"'}, "invalid_scope"),
        ({"scope": "openid ü"}, "invalid_scope"),
        ({"request": "x"}, "invalid_request_object"),
        ({"request_uri": "urn:x"}, "invalid_request_uri"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"prompt": "unknown"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "1.5"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": "9" * 30}, "invalid_request"),
        ({"nonce": "x" * 2049}, "invalid_request"),
        ({"login_hint": "x" * 321}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_each_mistake_has_its_error_code(on: Stage, wrong: dict[str, str], error: str) -> None:
    said = answered(on.browser().authorize(on.client, **wrong))
    assert said["error"] == error
    assert "code" not in said


@pytest.mark.rfc("RFC 6749 section 4.1.2.1")
def test_a_person_who_refuses_is_an_access_denied_and_nothing_is_remembered(on: Stage) -> None:
    browser = on.browser()
    back = browser.sign_in(browser.authorize(on.client), on.person)
    denied = browser.follow(browser.submit(browser.follow(browser.follow(back)), decision="deny"))
    assert answered(denied)["error"] == "access_denied"
    assert "/login/consent" in browser.authorize(on.client).headers["Location"]
    assert len(events(on.world, on.tenant, "consent.denied")) == 1


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.4")
def test_consent_is_asked_again_only_for_more(on: Stage) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person, scope="openid orders:read")
    assert "code" in answered(browser.authorize(on.client, scope="openid"))
    assert "code" in answered(browser.authorize(on.client, scope="orders:read openid"))
    more = browser.authorize(on.client, scope="openid orders:write")
    assert "/login/consent" in more.headers["Location"]


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.4")
def test_the_consent_of_one_person_is_nobody_elses(on: Stage) -> None:
    on.browser().complete(on.client, on.person)
    browser = on.browser()
    colleague = on.world.user(on.tenant)
    back = browser.follow(browser.sign_in(browser.authorize(on.client), colleague))
    assert "/login/consent" in back.headers["Location"]


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.4")
def test_the_client_is_answered_only_after_consent(on: Stage) -> None:
    browser = on.browser()
    back = browser.sign_in(browser.authorize(on.client), on.person)
    consent = browser.follow(browser.follow(back))
    flow = hidden(consent)["flow"]
    for _ in range(2):
        again = browser.get(f"/oauth/authorize?flow={flow}")
        assert "/login/consent" in again.headers["Location"]
    assert browser.submit(consent, decision="maybe").status_code == 400
    assert browser.submit(consent).status_code == 400


def test_a_first_party_client_asks_no_consent(world: World) -> None:
    on = stage(world, first_party=True)
    browser = on.browser()
    back = browser.follow(browser.sign_in(browser.authorize(on.client), on.person))
    assert "code" in answered(back)


@pytest.mark.rfc("RFC 6749 section 4.1.1")
def test_a_flow_is_answered_once(on: Stage) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    flow = hidden(page)["flow"]
    back = browser.sign_in(page, on.person)
    consent = browser.follow(browser.follow(back))
    done = browser.follow(browser.submit(consent, decision="allow"))
    assert "code" in answered(done)
    again = browser.get(f"/oauth/authorize?flow={flow}")
    assert again.status_code == 400
    assert "Location" not in again.headers


@pytest.mark.rfc("RFC 6749 section 4.1.1")
def test_a_flow_expires(on: Stage) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    on.world.clock.move(hours=1)
    assert browser.sign_in(page, on.person).status_code == 400


def test_a_client_that_was_disabled_meanwhile_gets_no_answer(on: Stage) -> None:
    from tests.spec.tools import set_client  # noqa: PLC0415  one use

    browser = on.browser()
    page = browser.follow(browser.authorize(on.client))
    set_client(on.world, on.client, enabled=False)
    answer = browser.sign_in(page, on.person)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.rfc("TOP-02")
def test_only_people_of_the_served_tenants_can_sign_in(on: Stage) -> None:
    stranger = on.world.user(on.world.tenant())
    browser = on.browser()
    page = browser.sign_in(browser.authorize(on.client), stranger)
    assert page.status_code in {200, 401}
    assert "__Host-as-session" not in str(page.headers)


@pytest.mark.rfc("TOP-02")
def test_a_session_of_another_tenant_gives_no_code(on: Stage) -> None:
    other = stage(on.world)
    browser = on.browser()
    browser.complete(other.client, other.person)
    assert "/login/password" in browser.authorize(on.client).headers["Location"]
    refused = answered(browser.authorize(on.client, prompt="none"))
    assert refused["error"] == "login_required"


def test_a_client_of_an_internal_tenant_may_serve_everybody(world: World) -> None:
    home, customer = world.tenant("internal"), world.tenant()
    client = world.client(home, serves=["*"])
    person = world.user(customer)
    on = Stage(world, customer, person, client)
    claims = part(on.tokens(organization=customer.slug)["access_token"], 1)
    assert (claims["sub"], claims["tenant"]) == (person.id, customer.slug)


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_login_hint_and_ui_locales_reach_the_page(on: Stage) -> None:
    browser = on.browser()
    hint = 'ada"><script>@example.com'
    page = browser.follow(browser.authorize(on.client, login_hint=hint, ui_locales="xx de"))
    assert '<html lang="de"' in page.text
    assert "ada" in page.text
    assert "<script>@" not in page.text
