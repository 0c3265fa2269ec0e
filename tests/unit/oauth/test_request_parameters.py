"""What a request says, before anybody is asked: request objects, languages, modes. No app."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.oauth.authorize.incoming import locales
from authserver.oauth.authorize.objects import claims as rules
from authserver.oauth.authorize.objects.claims import ObjectRefused
from authserver.oauth.authorize.outgoing import jarm
from authserver.oauth.lane.request import Form

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ISSUER = "https://auth.example"
GOOD: dict[str, Any] = {"iss": "cli_1", "aud": ISSUER}


def at(**later: int) -> int:
    return int((NOW + timedelta(**later)).timestamp())


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"aud": ["https://other.example", ISSUER]},
        {"exp": at(seconds=1)},
        {"exp": at(seconds=-29)},
        {"exp": at(hours=1)},
        {"nbf": at(seconds=30)},
        {"nbf": at(hours=-1)},
        {"iat": at(days=-1)},
        {"sub": "usr_1"},
    ],
    ids=str,
)
def test_what_an_object_may_say_of_itself(more: dict[str, Any]) -> None:
    rules.check({**GOOD, **more}, issuer=ISSUER, client_id="cli_1", now=NOW)


@pytest.mark.parametrize(
    "more",
    [
        {"iss": "cli_2"},
        {"iss": None},
        {"aud": None},
        {"aud": f"{ISSUER}/"},
        {"aud": {"x": ISSUER}},
        {"sub": "cli_1"},
        {"exp": at(seconds=-31)},
        {"exp": at(hours=1, seconds=31)},
        {"exp": "1"},
        {"exp": True},
        {"exp": float("nan")},
        {"nbf": at(seconds=31)},
        {"nbf": at(hours=-1, seconds=-31)},
        {"iat": at(seconds=31)},
    ],
    ids=str,
)
def test_what_it_may_not(more: dict[str, Any]) -> None:
    with pytest.raises(ObjectRefused):
        rules.check({**GOOD, **more}, issuer=ISSUER, client_id="cli_1", now=NOW)


def test_members_become_parameters() -> None:
    said = {
        **GOOD,
        "exp": at(seconds=1),
        "state": "s",
        "max_age": 60,
        "claims": {"userinfo": {"name": None}},
        "resource": ["https://a.example", "https://b.example"],
        "nonce": "",
        "prompt": None,
    }
    assert rules.parameters(said).values == {
        "state": ["s"],
        "max_age": ["60"],
        "claims": ['{"userinfo":{"name":null}}'],
        "resource": ["https://a.example", "https://b.example"],
    }


@pytest.mark.parametrize("wrong", [{"request": "x"}, {"request_uri": ""}, {"state": "\x00"}])
def test_members_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ObjectRefused):
        rules.parameters(wrong)


def test_client_and_response_type_agree() -> None:
    inside = Form({"client_id": ["cli_1"], "response_type": ["code"]})
    for outside in ({}, {"response_type": ["code"]}, {"scope": ["anything"]}):
        rules.check_agreement(Form(outside), inside, client_id="cli_1")
    for outside, within, client_id in (
        ({}, inside.values, "cli_2"),
        ({}, {"client_id": ["cli_1"]}, "cli_1"),
        ({"response_type": ["token"]}, inside.values, "cli_1"),
    ):
        with pytest.raises(ObjectRefused):
            rules.check_agreement(Form(outside), Form(within), client_id=client_id)


@given(st.dictionaries(st.text(max_size=8), st.text() | st.integers() | st.none(), max_size=6))
def test_an_object_that_does_not_count_is_answered_by_text_alone(said: dict[str, Any]) -> None:
    found = rules.answerable(said).values
    assert set(found) <= {"redirect_uri", "response_mode", "state"}
    assert all(value and value.isprintable() for values in found.values() for value in values)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (None, ()),
        ("de", ("de",)),
        ("de-ch EN_us DE-ch", ("de-CH", "en-US")),
        ("ZH-hANT-tw", ("zh-Hant-TW",)),
        ("en-a-bbbb-x-cc-DDDD", ("en-a-bbbb-x-cc-dddd",)),
        ("es-419 sl-ROZAJ-biske", ("es-419", "sl-rozaj-biske")),
        ("## d 1 de-toolongsubtag <script> fr", ("fr",)),
    ],
)
def test_languages_are_canonical_tags_and_the_rest_is_passed_over(
    text: str | None, tags: tuple[str, ...]
) -> None:
    assert locales.wishes(text) == tags


@pytest.mark.parametrize(
    ("mode", "alg", "carried"),
    [
        (None, None, ("query", None)),
        ("form_post", None, ("form_post", None)),
        ("jwt", None, ("query", None)),
        ("form_post.jwt", None, ("query", None)),
        ("jwt", "ES256", ("query", "ES256")),
        ("query.jwt", "ES256", ("query", "ES256")),
        ("form_post.jwt", "ES256", ("form_post", "ES256")),
        ("form_post", "ES256", ("form_post", None)),
        ("fragment", "ES256", ("query", None)),
    ],
)
def test_how_an_answer_travels(
    mode: str | None, alg: str | None, carried: tuple[str, str | None]
) -> None:
    assert jarm.carrier(mode, alg) == carried


def test_a_signed_answer_is_for_one_client_and_short() -> None:
    claims = jarm.response_claims({"code": "c"}, issuer=ISSUER, client_id="cli_1", now=NOW)
    assert claims == {"code": "c", "iss": ISSUER, "aud": "cli_1", "exp": at(minutes=10)}
