from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from authserver.accounts.passwords.policy import (
    About,
    Weakness,
    rules_of,
    weaknesses,
)

CLASSIC, NIST = rules_of("classic"), rules_of("nist")
NIST_WITH_MFA = rules_of("nist", mfa_mandatory=True)
ABOUT = About("ada.lovelace@mail.example", "Ada Lovelace", "engines", "Analytical Engines")
NOBODY = About()


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Correct-Horse-7", []),
        ("Abcdxfg1", []),
        ("Abcdxf1", [Weakness.TOO_SHORT]),
        ("abcdxfg1", [Weakness.NO_UPPER]),
        ("ABCDXFG1", [Weakness.NO_LOWER]),
        ("Abcdxfgh", [Weakness.NO_DIGIT]),
        ("", [Weakness.TOO_SHORT, Weakness.NO_UPPER, Weakness.NO_LOWER, Weakness.NO_DIGIT]),
        ("Aa1" + "xy-" * 1400, [Weakness.TOO_LONG]),
        ("Écoles-1é", []),
        ("Ada.Lovelace@mail.example1", [Weakness.EMAIL]),
        ("Lovelace2026", [Weakness.EMAIL, Weakness.NAME]),
        ("AdaLovelace1", [Weakness.EMAIL, Weakness.NAME]),
        ("Analytical-Engines-1", [Weakness.ORGANIZATION]),
        ("Engines-99", [Weakness.ORGANIZATION]),
        ("Ada-likes-9-long-trains", []),
        ("9-Engines-pull-the-coal-up-the-hill", []),
    ],
)
def test_the_classic_preset_says_everything_that_is_missing(
    password: str, expected: list[Weakness]
) -> None:
    assert weaknesses(password, CLASSIC, ABOUT) == expected


@pytest.mark.parametrize(
    "password",
    [
        "blue lantern over the hill",
        "quite-lower-case-only",
        "\U0001f40e\U0001f50b\U0001f4ce\U0001f6aa walks home",
        "aaaaaaaaaaaaaaaaaaaa-only-lower",
        "ペンギンが石を集めて丘の上に積む",
    ],
)
def test_the_nist_preset_asks_for_length_and_for_no_kind_of_character(password: str) -> None:
    assert weaknesses(password, NIST, ABOUT) == []


def test_the_nist_preset_asks_for_fifteen_characters_or_eight_beside_a_second_factor() -> None:
    assert weaknesses("blue lantern x", NIST, ABOUT) == [Weakness.TOO_SHORT]
    assert weaknesses("blue lantern x", NIST_WITH_MFA, ABOUT) == []
    assert weaknesses("blueXlx", NIST_WITH_MFA, ABOUT) == [Weakness.TOO_SHORT]
    assert weaknesses("Xlx-73fq", NIST_WITH_MFA, ABOUT) == []


def test_a_second_factor_changes_nothing_of_the_classic_preset() -> None:
    assert rules_of("classic", mfa_mandatory=True) == CLASSIC


def test_there_is_no_preset_of_another_name() -> None:
    with pytest.raises(ValueError, match="none"):
        rules_of("none")


@given(st.text(max_size=7))
def test_nothing_under_eight_characters_passes(password: str) -> None:
    for rules in (CLASSIC, NIST, NIST_WITH_MFA):
        assert Weakness.TOO_SHORT in weaknesses(password, rules, NOBODY)


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_text_breaks_the_decision(password: str, name: str, email: str) -> None:
    weaknesses(password, CLASSIC, About(email, name, "slug", name))


@pytest.mark.parametrize("written", [str, str.upper, str.title, lambda word: f"{word}2026!!"])
def test_three_thousand_common_passwords_are_refused_however_they_are_decorated(
    written: type[str],
) -> None:
    for word in islice((w for w in FREQUENCY_LISTS["passwords"] if len(w) > 2), 3000):
        assert Weakness.COMMON in weaknesses(written(word), NIST, NOBODY), word


@pytest.mark.parametrize(
    "password",
    [
        "Password1!",
        "!2026-Password-26!",
        "PassWord123",
        "Passwordpassword",
        "Password1Password1",
        "ＰａｓｓＷｏｒｄ１２３",
        "Qwerty-12345678",
        "1qaz2wsx!!",
        "Summer2026!",
    ],
)
def test_a_common_password_with_little_around_it_is_refused(password: str) -> None:
    assert Weakness.COMMON in weaknesses(password, NIST, NOBODY)


@pytest.mark.parametrize(
    "password",
    ["Correct-Horse-7", "Blue-Lantern-42", "password of my grandmother's parrot", "x" + "7316" * 9],
)
def test_a_common_word_among_others_is_no_common_password(password: str) -> None:
    assert Weakness.COMMON not in weaknesses(password, NIST, NOBODY)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaa",
        "abababababababab",
        "abcabcabcabcabc",
        "abcdefghijklmnopq",
        "zyxwvutsrqponmlk",
        "1234567890123456",
        "9876543210987654",
        "Abcdefghijklmnop",
        "\U0001f40e" * 15,
    ],
)
def test_a_row_or_a_repetition_is_refused(password: str) -> None:
    assert Weakness.REPETITIVE in weaknesses(password, NIST, NOBODY)


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("AcmeCorp2026!!!!", Weakness.ORGANIZATION),
        ("acme-corp-acme-corp", Weakness.ORGANIZATION),
        ("Corp: ACME, Corp!!", Weakness.ORGANIZATION),
        ("ＡｃｍｅＣｏｒｐ２０２６", Weakness.ORGANIZATION),
        ("hp-20261231", Weakness.ORGANIZATION),
        ("jo.doe@acme.example", Weakness.EMAIL),
        ("Acme.Example.2026", Weakness.EMAIL),
        ("Jo-1234567-!", Weakness.NAME),
        ("Authserver2026!", Weakness.PRODUCT),
    ],
)
def test_what_everybody_knows_is_refused_and_the_reason_says_which(
    password: str, weakness: Weakness
) -> None:
    about = About("jo.doe@acme.example", "Jo D.", "hp", "Acme Corp")
    assert weakness in weaknesses(password, NIST, about)
    if weakness is not Weakness.PRODUCT:
        assert weakness not in weaknesses(password, NIST, NOBODY)


def test_a_password_is_measured_in_characters_of_one_spelling() -> None:
    assert Weakness.TOO_SHORT in weaknesses("e\u0301" * 7, NIST_WITH_MFA, NOBODY)
