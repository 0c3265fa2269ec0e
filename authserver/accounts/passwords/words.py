"""What is wrong with a password, in words. Pages translate them, commands say them as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from authserver.accounts.passwords.policy import Rules, Weakness


def N_(text: str) -> str:  # noqa: N802  the name by which Babel finds a text
    """Mark a text for the catalogues of translations; it is translated where it is shown."""
    return text


class Hint(StrEnum):
    """Why a password that the rules allow is still easy to guess."""

    REPEATS = "repeats"
    ROWS = "rows"
    KEYS = "keys"
    DATES = "dates"
    WORDS = "words"


@dataclass(frozen=True)
class Reason:
    """A sentence, and the numbers in it: `_(reason.text, **reason.values)` in a template."""

    text: str
    values: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return self.text % self.values


_SENTENCES: Mapping[Weakness | Hint, str] = {
    Weakness.TOO_SHORT: N_("Use at least %(shortest)s characters."),
    Weakness.TOO_LONG: N_("Use at most %(longest)s characters."),
    Weakness.NO_UPPER: N_("Use an upper-case letter."),
    Weakness.NO_LOWER: N_("Use a lower-case letter."),
    Weakness.NO_DIGIT: N_("Use a digit."),
    Weakness.COMMON: N_(
        "This is a common password, or one with little around it: attackers try these first."
    ),
    Weakness.REPETITIVE: N_("This only repeats or counts: attackers try such rows first."),
    Weakness.EMAIL: N_("This is mostly the email address, which others know."),
    Weakness.NAME: N_("This is mostly the person's name, which others know."),
    Weakness.ORGANIZATION: N_("This is mostly the organization's name, which others know."),
    Weakness.PRODUCT: N_("This is mostly the name of this service, which others know."),
    Weakness.UNCHANGED: N_("This is the present password: use another one."),
    Hint.REPEATS: N_("Repeated characters and words are easy to guess."),
    Hint.ROWS: N_("Rows like abc or 6543 are easy to guess."),
    Hint.KEYS: N_("Keys that lie side by side are easy to guess."),
    Hint.DATES: N_("Dates and years are easy to guess."),
    Hint.WORDS: N_(
        "A word or a name alone is easy to guess: several that have nothing to do with each other"
        " are better."
    ),
}


def reason(why: Weakness | Hint, rules: Rules) -> Reason:
    """Return the sentence for a weakness or a hint."""
    numbers = {
        Weakness.TOO_SHORT: {"shortest": rules.shortest},
        Weakness.TOO_LONG: {"longest": rules.longest},
    }
    values = numbers.get(why, {}) if isinstance(why, Weakness) else {}
    return Reason(_SENTENCES[why], values)
