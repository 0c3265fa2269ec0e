"""What people may say of themselves: each field, and the claims that the fields make."""

import pytest

from authserver.accounts.details.policy import (
    BY_NAME,
    FIELDS,
    NO_TEXTS,
    checked,
    claims_of,
    is_phone_verified,
    texts_of,
)
from authserver.tokens.people.scopes import SCOPE_OF


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("given_name", "  Ada ", "Ada"),
        ("given_name", "Zoe\u0308", "Zo\u00eb"),
        ("given_name", "x" * 120, "x" * 120),
        ("given_name", "x" * 121, None),
        ("given_name", "a\u202eb", None),
        ("given_name", "a\nb", None),
        ("nickname", "   ", ""),
        ("phone_number", "+49 (30) 123-456", "+4930123456"),
        ("phone_number", "+49\u00a030\u2011123456", "+4930123456"),
        ("phone_number", "030 123456", None),
        ("phone_number", "+0 30 123456", None),
        ("phone_number", "+49 30 123456;ext=5", None),
        ("phone_number", "+" + "1" * 16, None),
        ("phone_number", "+\u0664\u0669301234567", None),
        ("birthdate", "1990-12-31", "1990-12-31"),
        ("birthdate", "1990", "1990"),
        ("birthdate", "0000-02-29", "0000-02-29"),
        ("birthdate", "1990-02-29", None),
        ("birthdate", "31.12.1990", None),
        ("birthdate", "19901231", None),
        ("birthdate", "1990-W52-1", None),
        ("birthdate", "1240", None),
        ("birthdate", "0000", None),
        ("website", "https://ada.example/me?x=1", "https://ada.example/me?x=1"),
        ("website", "http://ada.example", "http://ada.example"),
        ("website", "javascript:alert(1)", None),
        ("website", "data:text/html,x", None),
        ("website", "ada.example", None),
        ("profile", "https://ada.example/" + "x" * 500, None),
        ("postal_code", "x" * 21, None),
    ],
)
def test_each_detail_is_kept_clean_or_not_at_all(name: str, typed: str, kept: str | None) -> None:
    texts, unfit = checked({name: typed})
    assert unfit == (() if kept is not None else (name,))
    assert texts == {**NO_TEXTS, name: kept or ""}


def test_everything_unfit_is_said_at_once() -> None:
    assert checked({"birthdate": "x", "website": "x", "gender": "x"})[1] == ("birthdate", "website")


def test_the_claims_make_the_same_details_again() -> None:
    texts = {**NO_TEXTS, **{field.name: field.name for field in FIELDS}}
    claims = claims_of(texts, phone_verified=True)
    assert claims is not None
    assert texts_of(claims) == texts
    assert claims["address"]["locality"] == "locality"
    assert is_phone_verified(claims)
    assert set(claims) <= set(SCOPE_OF)


def test_nothing_said_is_nothing_kept() -> None:
    assert claims_of(NO_TEXTS, phone_verified=True) is None
    assert texts_of(None) == NO_TEXTS
    assert not is_phone_verified(None)
    assert claims_of({**NO_TEXTS, "gender": "f"}, phone_verified=True) == {"gender": "f"}


def test_no_field_asks_a_browser_for_what_it_is_not() -> None:
    tokens = {field.autocomplete for field in BY_NAME.values()}
    assert {"given-name", "family-name", "tel", "bday", "postal-code"} <= tokens
