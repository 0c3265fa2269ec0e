import time

import pytest

from authserver.accounts.passwords.policy import About, Weakness, rules_of
from authserver.accounts.passwords.strength import strength
from authserver.accounts.passwords.words import Hint, reason

CLASSIC, NIST = rules_of("classic"), rules_of("nist")
ADA = About("ada@example.com", "Ada", "acme", "Acme")


def test_a_good_password_has_a_high_score_and_no_reasons() -> None:
    found = strength("Blue-Lantern-42-over", CLASSIC, ADA)
    assert (found.score, found.found, found.reasons) == (4, (), ())


def test_a_refused_password_is_weak_however_hard_it_is_to_guess() -> None:
    found = strength("vq7-xk2-pw9-zz4", CLASSIC, ADA)
    assert found.score == 1
    assert found.found == (Weakness.NO_UPPER,)
    assert [str(one) for one in found.reasons] == ["Use an upper-case letter."]


@pytest.mark.parametrize(
    ("password", "hint"),
    [
        ("Zebra-Zebra-1", Hint.REPEATS),
        ("klmnopqrs9876543", Hint.ROWS),
        ("Poiuytr-5", Hint.KEYS),
        ("Xx12.11.1974", Hint.DATES),
        ("Mississippi1", Hint.WORDS),
    ],
)
def test_a_password_that_is_allowed_but_easy_gets_a_hint(password: str, hint: Hint) -> None:
    rules = NIST if len(password) > 15 else CLASSIC
    found = strength(password, rules, About())
    assert found.found == ()
    assert found.score < 3
    assert found.reasons == (reason(hint, rules),)


@pytest.mark.parametrize(
    "password", ["", "a", "\0", "\ud800" * 9, "x" * 5000, "4@8({[<369&#!1/" * 9]
)
def test_the_strength_of_anything_is_told_at_once(password: str) -> None:
    started = time.process_time()
    assert 0 <= strength(password, NIST, ADA).score <= 4
    assert time.process_time() - started < 1.5


def test_every_weakness_and_every_hint_has_a_sentence() -> None:
    for why in (*Weakness, *Hint):
        sentence = str(reason(why, NIST))
        assert sentence.endswith(".")
        assert "%" not in sentence
    assert "15" in str(reason(Weakness.TOO_SHORT, NIST))
    assert "8" in str(reason(Weakness.TOO_SHORT, CLASSIC))
