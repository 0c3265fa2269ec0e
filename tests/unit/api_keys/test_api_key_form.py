"""What keys look like: unlike everything else, and a typo shows."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.api_keys import form
from authserver.core.ids import new_secret
from authserver.settings.readers import prefix

LETTERS = string.ascii_letters + string.digits


def test_a_key_is_known_by_its_form_and_is_whole() -> None:
    key = form.new_key("cf_prod")
    assert key.startswith("cf_prod_")
    assert len(key) == len("cf_prod_") + 43 + 6
    assert form.is_key(key)
    assert form.is_whole(key)
    assert form.hint(key) == f"cf_prod_…{key[-4:]}"
    assert len({form.new_key("cf_dev") for _ in range(100)}) == 100


@given(st.integers(0, 56), st.sampled_from(LETTERS))
def test_one_wrong_letter_anywhere_shows(place: int, letter: str) -> None:
    key = form.new_key("cf_prod")
    typed = key[:place] + letter + key[place + 1 :]
    assert typed == key or not form.is_key(typed) or not form.is_whole(typed)


def test_two_letters_that_changed_places_show() -> None:
    key = form.new_key("cf_prod")
    place = next(at for at in range(10, 50) if key[at] != key[at + 1])
    typed = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
    assert not form.is_whole(typed)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "cf_prod_",
        "cf_prod_" + "a" * 48,
        "cf_prod_" + "a" * 50,
        "Cf_prod_" + "a" * 49,
        "cf__prod_" + "a" * 49,
        "cf_prod_" + "a" * 48 + "-",
        "cf_prod_" + "a" * 48 + "\n",
        "x" * 30 + "_" + "a" * 49,
        "eyJhbGciOiJFUzI1NiJ9.e30.abc",
    ],
)
def test_nothing_else_reads_as_a_key(other: str) -> None:
    assert not form.is_key(other)


def test_no_secret_of_another_kind_reads_as_a_key() -> None:
    secrets = [new_secret() for _ in range(500)]
    assert not any(form.is_key(one) or form.is_key(f"cs_{one}") for one in secrets)


@pytest.mark.parametrize("good", ["", "cf_prod", "acme", "a1_b2_c3"])
def test_prefixes_that_can_be_set(good: str) -> None:
    assert prefix(good) == good
    assert not good or form.is_prefix(good)


@pytest.mark.parametrize("bad", ["_a", "a_", "a__b", "A", "1a", "a-b", "a" * 21, "ä"])
def test_prefixes_that_cannot(bad: str) -> None:
    assert not form.is_prefix(bad)
    with pytest.raises(ValueError, match="small letters"):
        prefix(bad)
