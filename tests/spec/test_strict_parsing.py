"""Duplicates, queries, sizes, controls, and what an error may say (RFC 6749 sections 3, 5.2)."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.spec.tools import Stage, error_of, machine, post
from tests.support.browser import ISSUER, VERIFIER, answered, hidden
from tests.support.world import World

FORM = "application/x-www-form-urlencoded"
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*\Z")
INVALID_REQUEST = (400, "invalid_request")


def raw(world: World, endpoint: str, body: bytes, **more: object) -> TestResponse:
    return post(world, f"/oauth/{endpoint}", body, content_type=FORM, **more)


def page(answer: TestResponse) -> bool:
    return (
        answer.status_code in {400, 413}
        and answer.mimetype == "text/html"
        and "Location" not in answer.headers
    )


@pytest.mark.any_database
@pytest.mark.bcp("R-39")
@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke"])
@pytest.mark.parametrize("value", ["x", ""])
@pytest.mark.parametrize(
    "name",
    [
        *("grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier"),
        *("refresh_token", "scope", "token", "token_type_hint", "client_assertion", "unknown"),
    ],
)
def test_a_repeated_parameter_is_refused_at_every_form_endpoint(
    on: Stage, endpoint: str, name: str, value: str
) -> None:
    body = f"grant_type=client_credentials&token=x&{name}=x&{name}={value}".encode()
    answer = raw(on.world, endpoint, body, auth=(on.client.id, on.client.secret))
    assert error_of(answer) == INVALID_REQUEST


@pytest.mark.any_database
@pytest.mark.bcp("R-39")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "name",
    [
        *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt"),
        *("code_challenge", "code_challenge_method", "response_mode", "max_age", "request", "x"),
    ],
)
def test_a_repeated_parameter_is_refused_at_the_authorization_endpoint(
    on: Stage, name: str, method: str
) -> None:
    browser = on.browser()
    query = browser.authorize(on.client, x="1", request=None).request.query_string.decode()
    twice = f"{query}&{name}=1&{name}=1"
    where = {"query_string": twice} if method == "GET" else {"data": twice, "content_type": FORM}
    assert page(browser.http.open("/oauth/authorize", method=method, base_url=ISSUER, **where))


@pytest.mark.any_database
@pytest.mark.bcp("R-39")
def test_parameters_in_query_and_body_at_once_are_refused(on: Stage) -> None:
    browser = on.browser()
    query = browser.authorize(on.client).request.query_string.decode()
    assert page(browser.post(f"/oauth/authorize?{query}", data={"state": "x"}))
    assert page(browser.post("/oauth/authorize?x=1", data=query, content_type=FORM))


@pytest.mark.any_database
@pytest.mark.bcp("R-39")
def test_a_repeated_resource_is_allowed_where_it_means_something(on: Stage) -> None:
    body = b"token=x&resource=a&resource=b"
    auth = (on.client.id, on.client.secret)
    for endpoint in ("revoke", "introspect"):
        assert error_of(raw(on.world, endpoint, body, auth=auth)) == INVALID_REQUEST


@pytest.mark.any_database
@pytest.mark.bcp("R-39")
@pytest.mark.parametrize(
    "body",
    [
        *(b"grant_type=x%00", b"grant_type=x\x00", b"grant_type=x%0A", b"grant_type=x%0d%0a"),
        *(b"grant_type=x%7F", b"grant_type=x%C2%85", b"grant_type=x%1b[31m", b"a%00=1"),
        *(b"grant_type=%", b"grant_type=%4", b"grant_type=%zz", b"grant_type=%u0041"),
        *(b"grant_type=%ff", b"grant_type=\xff", b"grant_type=%C0%AF", b"grant_type=%ED%A0%80"),
        *(b"grant_type=%F5%80%80%80", b"%ff=1", b"\x00", b"grant_type=\t"),
    ],
)
def test_controls_and_broken_encodings_are_refused(on: Stage, body: bytes) -> None:
    auth = (on.client.id, on.client.secret)
    for endpoint in ("token", "introspect", "revoke"):
        assert error_of(raw(on.world, endpoint, body, auth=auth)) == INVALID_REQUEST
    browser = on.browser()
    assert page(browser.post("/oauth/authorize", data=body, content_type=FORM))


@pytest.mark.any_database
@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize("endpoint", ["token", "introspect", "revoke", "userinfo"])
def test_a_body_over_64_kb_is_refused(on: Stage, endpoint: str) -> None:
    auth = (on.client.id, on.client.secret)
    name = b"access_token" if endpoint == "userinfo" else b"token"
    largest = name + b"=" + b"x" * (64 * 1024 - len(name) - 1)
    credentials = {} if endpoint == "userinfo" else {"auth": auth}
    assert raw(on.world, endpoint, largest, **credentials).status_code != 413
    answer = raw(on.world, endpoint, largest + b"x", **credentials)
    assert answer.status_code in {400, 413}
    assert answer.json["error"] == "invalid_request"


@pytest.mark.any_database
@pytest.mark.rfc("TOP-19")
def test_a_page_refuses_a_large_body_too(on: Stage) -> None:
    browser = on.browser()
    form = hidden(browser.follow(browser.authorize(on.client)))
    large = b"state=" + b"x" * 70000
    assert page(browser.post("/oauth/authorize", data=large, content_type=FORM))
    typed = {**form, "email": "x" * 70000, "password": "x"}
    assert page(browser.post("/login/password", data=typed))


@pytest.mark.any_database
@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "٣", "1 1", "+5"])
def test_a_content_length_that_is_no_number_is_refused(on: Stage, length: str) -> None:
    answer = on.world.app.test_client().post(
        "/oauth/token",
        base_url=ISSUER,
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"CONTENT_LENGTH": length},
    )
    assert answer.status_code == 400


@pytest.mark.every_database
@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize(
    "typed", ["a\x00b", "\x00", "a\nb", "😀" * 50, "x" * 5000, "\ud7ff", "'; --"]
)
@pytest.mark.parametrize("field", ["email", "password", "organization"])
def test_whatever_is_typed_into_the_sign_in_form_is_answered_calmly(
    world: World, field: str, typed: str
) -> None:
    home = world.tenant("internal")
    person, client = world.user(home), world.client(home, serves=["*"])
    browser = Stage(world, home, person, client).browser()
    shown = browser.follow(browser.authorize(client))
    answer = browser.sign_in(shown, person, **{field: typed})
    assert answer.status_code in {200, 400, 401}
    assert "__Host-as-session" not in str(answer.headers)


@pytest.mark.rfc("TOP-19")
@pytest.mark.parametrize("handle", ["", "x", "%00", "x" * 5000, "a&flow=b", "😀"])
def test_an_odd_flow_handle_is_a_closed_flow(on: Stage, handle: str) -> None:
    browser = on.browser()
    browser.authorize(on.client)
    for path in ("/login/password", "/login/consent", "/oauth/authorize"):
        answer = browser.get(f"{path}?flow={handle}")
        assert page(answer), (path, answer.status_code)


@pytest.mark.rfc("RFC 6749 section 4.1.2.1")
@pytest.mark.parametrize(
    "client_id", ["", "cli_unknown", "cli_" + "0" * 26, "x" * 4000, "😀", "' OR 1=1"]
)
def test_an_unknown_client_gets_a_page(on: Stage, client_id: str) -> None:
    answer = on.browser().authorize(on.client, client_id=client_id)
    assert page(answer)
    assert answer.status_code == 400
    assert on.client.redirect_uri not in answer.text


NASTY = ['"quoted"', "back\\slash", "ümlaut", "<script>", "\u2028", "😀"]


@pytest.mark.rfc("RFC 6749 section 5.2")
@pytest.mark.parametrize("nasty", NASTY)
def test_error_descriptions_are_plain_ascii_without_quotes(on: Stage, nasty: str) -> None:
    party, browser = on.party, on.browser()
    documents = [
        party.token(grant_type=nasty).json,
        party.token(grant_type="refresh_token", refresh_token=nasty, scope=nasty).json,
        party.redeem(nasty).json,
        party.redeem("x", resource=nasty).json,
        party.send("introspect", {nasty: "x"}).json,
        raw(on.world, "token", b"grant_type=x&grant_type=y").json,
        answered(browser.authorize(on.client, scope=nasty)),
        answered(browser.authorize(on.client, prompt=nasty)),
        answered(browser.authorize(on.client, resource=nasty)),
        answered(browser.authorize(on.client, response_type=nasty)),
    ]
    for document in documents:
        assert "error" in document
        assert DESCRIPTION.match(document["error_description"]), document
        assert nasty not in document["error_description"]


@pytest.mark.every_database
@pytest.mark.rfc("RFC 6749 section 3.1")
def test_errors_never_repeat_secrets_or_say_why(on: Stage) -> None:
    code = on.code()
    wrong = [
        on.party.redeem(code, code_verifier="w" * 64),
        on.party.redeem(code, redirect_uri="https://x.example"),
        on.party.redeem("unknown"),
    ]
    assert len({answer.data for answer in wrong}) == 1
    for answer in wrong:
        assert code not in answer.text
        assert VERIFIER not in answer.text


@pytest.mark.rfc("RFC 6749 section 3.2")
def test_a_semicolon_separates_nothing(world: World) -> None:
    party = machine(world)
    auth = (party.client.id, party.client.secret)
    answer = raw(world, "token", b"grant_type=client_credentials;scope=orders:read", auth=auth)
    assert error_of(answer) == (400, "unsupported_grant_type")


@pytest.mark.rfc("RFC 6749 appendix B")
def test_plus_and_percent_20_are_both_spaces(world: World) -> None:
    party = machine(world)
    auth = (party.client.id, party.client.secret)
    for space in (b"+", b"%20"):
        body = b"grant_type=client_credentials&scope=orders:read" + space + b"orders:write"
        assert raw(world, "token", body, auth=auth).json["scope"] == "orders:read orders:write"
