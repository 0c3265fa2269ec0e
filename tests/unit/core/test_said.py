"""What is said of what somebody sent: short, and read from one side."""

import pytest

from authserver.core.problems import Conflict, Problem
from authserver.core.values.said import legible, said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë’s “café”", "Zoë’s “café”"),
        ("two\nlines", "two\nlines"),
        ("pay\u202egpj.exe", "pay\\u202egpj.exe"),
        ("a\0b\x1b[31m\u200b\ud800", "a\\x00b\\x1b[31m\\u200b\\ud800"),
        ("n" * 2_001, "n" * 2_000 + "…"),
    ],
)
def test_a_text_is_cut_and_what_cannot_be_seen_is_spelled(text: str, shown: str) -> None:
    assert legible(text) == shown


def test_a_value_is_short_and_legible_in_the_sentence_and_for_its_translation() -> None:
    sentence = said("There is no %(thing)s.", thing="\u202e" + "n" * 60_000)
    assert len(sentence) < 600
    assert sentence.startswith("There is no \\u202ennn")
    assert sentence == sentence.message % sentence.values


def test_a_sentence_within_a_sentence_stays_what_it_was_made_of() -> None:
    inner = said("no %(thing)s", thing="cat")
    assert said("There is %(what)s.", what=inner).values["what"] is inner


@pytest.mark.parametrize("kind", [Problem, Conflict])
def test_no_refusal_says_at_length_what_somebody_sent(kind: type[Problem]) -> None:
    document = kind("\u202e" + "n" * 60_000, field="name").document("cor_1")
    assert len(str(document)) < 5_000
    assert "\u202e" not in str(document)
