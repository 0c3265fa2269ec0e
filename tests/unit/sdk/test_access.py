from http import HTTPStatus

import pytest

from authserver.sdk.access import (
    NO_CREDENTIALS,
    Policy,
    Refusal,
    Refused,
    presented,
    quotable,
)


@pytest.mark.parametrize(
    "header",
    ["Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", " Bearer abc ", "Bearer abc "],
)
def test_the_token_is_what_follows_the_scheme(header: str) -> None:
    assert presented(header) == ("Bearer", "abc")


@pytest.mark.parametrize("header", [None, "", " ", "Basic YTpi", "Bearerabc", "DPoPabc", "abc"])
def test_without_a_bearer_token_there_are_no_credentials(header: str | None) -> None:
    with pytest.raises(Refused) as caught:
        presented(header)
    assert caught.value.refusal is NO_CREDENTIALS


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a,Bearer b",
        "Bearer a, Bearer b",
        'Bearer "a"',
        "Bearer a=b",
        "Bearer \ta",
        "Bearer a\r\nX: y",
        "Bearer é",
        "Bearer a\0",
        "Bearer token=a",
    ],
)
def test_anything_but_one_token_is_a_bad_request(header: str) -> None:
    with pytest.raises(Refused) as caught:
        presented(header)
    refusal = caught.value.refusal
    assert (refusal.status, refusal.error) == (HTTPStatus.BAD_REQUEST, "invalid_request")


@pytest.mark.rfc("RFC 6750 section 3")
def test_a_challenge_without_credentials_names_no_error() -> None:
    headers = NO_CREDENTIALS.headers("api")
    assert headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.rfc("RFC 6750 section 3")
def test_nothing_gets_out_of_a_quoted_string() -> None:
    hostile = 'a"b\\c\r\nSet-Cookie: x=1\0é'
    assert quotable(hostile) == "a?b?c??Set-Cookie: x=1??"
    headers = Refusal(HTTPStatus.FORBIDDEN, hostile, "insufficient_scope", hostile).headers("api")
    challenge = headers["WWW-Authenticate"]
    assert challenge.isascii()
    assert challenge.isprintable()
    assert challenge.count('"') == 8


def test_a_refusal_without_a_token_to_blame_carries_no_challenge() -> None:
    refusal = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "later", retry_after=7)
    assert refusal.headers("api") == {
        "Cache-Control": "no-store",
        "Content-Type": "application/problem+json",
        "Retry-After": "7",
    }


def test_adding_a_demand_never_takes_one_away() -> None:
    demand = Policy(services_only=True, role_sets=(frozenset({"a"}),), scopes=("x",))
    assert demand & Policy(is_public=True) == demand
    assert Policy(is_public=True) & demand == demand
    assert (demand & demand).role_sets == (frozenset({"a"}), frozenset({"a"}))
    assert (demand & Policy(scopes=("x", "y"))).scopes == ("x", "y")
