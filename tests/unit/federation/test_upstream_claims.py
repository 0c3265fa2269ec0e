"""What a provider says becomes what an account can hold, or nothing: never an error of ours."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver.federation.connectors import claims, id_token
from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.id_token import ALGORITHMS, Expected, UnknownKey
from authserver.federation.values import Target

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
OWN = claims.sources({}, Target)
NOW = datetime(2026, 11, 26, tzinfo=UTC)
EXPECTED = Expected("https://idp.example", "us", nonce="n", access_token="t", anew=True)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*Target, "other"]), ANYTHING))
def test_no_claim_is_an_error(said: dict[str, Any]) -> None:
    found = claims.profile(said, {}, OWN)
    assert len(found.name) <= 120
    assert found.locale in {None, "en", "de", "fr", "es"}
    assert all(0 < len(group) <= 255 for group in found.groups)
    assert found.email is not None or not found.email_verified


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "sub"]),
        ANYTHING | st.sampled_from(["https://idp.example", "us", "n", 2**40]),
    )
)
def test_no_id_token_is_an_error(said: dict[str, Any]) -> None:
    with pytest.raises(UpstreamRefused):
        id_token.check(said, "RS256", EXPECTED, now=NOW)


@settings(max_examples=200, deadline=None)
@given(st.text() | st.just("e30.e30.e30"), ANYTHING | st.fixed_dictionaries({"keys": ANYTHING}))
def test_no_signature_and_no_key_set_is_an_error(token: str, jwks: Any) -> None:
    with pytest.raises((UpstreamRefused, UnknownKey)):
        id_token.verified(token, jwks if isinstance(jwks, dict) else {}, ALGORITHMS)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("de", "de"), ("de-AT", "de"), ("fr_CA", "fr"), ("EN-us", "en"), ("tlh", None), ("", None),
        (7, None), (["de"], None),
    ],
)  # fmt: skip
def test_a_language_is_one_that_pages_have(said: object, kept: str | None) -> None:
    assert claims.locale(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Europe/Berlin", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("Mars/Base", None),
     ("../../etc/passwd", None), (None, None)],
)  # fmt: skip
def test_a_time_zone_is_one_that_there_is(said: object, kept: str | None) -> None:
    assert claims.zone(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Ada  ", "Ada"), ("x" * 500, "x" * 120), ("", ""), (" ", ""), (None, ""),
        ("a\nb", ""), ("a\u202eb", ""), (7, ""), ("Zoe\u0308", "Zoë"),
    ],
)  # fmt: skip
def test_a_name_is_one_that_an_account_can_have(said: object, kept: str) -> None:
    assert claims.name(said) == kept


@pytest.mark.attack("ATK-019")
@pytest.mark.attack("ATK-020")
@pytest.mark.parametrize(
    "said",
    ["a@evil.test@corp.example", "admin＠corp.example", "a@corp.example.", '"a@b"@corp.example',
     "a(comment)@corp.example", "a@cørp.example\u200b", "a@localhost", "", " a@corp.example", 7,
     ["a@corp.example"], {"a@corp.example": True}],
)  # fmt: skip
def test_an_address_that_can_be_read_in_two_ways_is_none(said: object) -> None:
    found = claims.profile({"email": said, "email_verified": True}, {}, OWN)
    assert (found.email, found.email_verified) == (None, False)


@pytest.mark.parametrize("word", ["false", False, None, 0, 2, "TRUE", "yes", [True], {"a": 1}, 1.0])
def test_only_yes_is_yes(word: object) -> None:
    assert not claims.is_true(word)


def test_groups_and_methods_are_bounded_and_each_is_there_once() -> None:
    many = [f"g{number}" for number in range(1000)]
    assert claims.groups([*many, *many]) == tuple(many[:500])
    assert claims.groups("one") == ("one",)
    assert claims.groups(["a", "a", "", "x" * 256, 7, None, "b\n", ["c"], "b"]) == ("a", "b")
    assert claims.methods(["pwd", "pwd", "x" * 65, "otp"]) == ("pwd", "otp")
    assert len(claims.methods(many)) == 16


def test_a_label_is_the_first_that_can_be_shown() -> None:
    assert claims.label(None, "a\nb", "  ", "ada", "other") == "ada"
    assert claims.label("x" * 500) == "x" * 320
    assert claims.label(None, 7) == "?"


def test_a_key_that_is_too_short_or_for_something_else_signs_nothing() -> None:
    long, short = "x" * 342, "x" * 171
    fitting = {"kty": "RSA", "kid": "a", "n": long, "e": "AQAB"}
    header = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ"
    for wrong in (
        {"n": short}, {"use": "enc"}, {"alg": "PS256"}, {"kty": "oct"}, {"kid": "b"}, {"kty": "EC"},
    ):  # fmt: skip
        with pytest.raises(UnknownKey):
            id_token.verified(f"{header}.e30.e30", {"keys": [fitting | wrong]}, ALGORITHMS)
    with pytest.raises(UpstreamRefused, match="ID token"):
        id_token.verified(f"{header}.e30.e30", {"keys": [fitting]}, ALGORITHMS)
