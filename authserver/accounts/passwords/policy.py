"""Which passwords are good enough. Values in, decision out.

`nist` is NIST SP 800-63B-4 section 3.1.1: length and a blocklist, no composition. `classic` is what
many companies still ask for, with the same blocklist.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from authserver.accounts.passwords.blocklist import core, is_common, plain
from authserver.settings import PRODUCT
from authserver.tenants.policy import PasswordPreset

LONGEST = 4096  # characters; more is no password, but a way to keep a processor busy
_SHORTEST = 8
_SHORTEST_ALONE = 15
# A shorter word is no more than a syllable of many others: it counts only as the whole core.
_TELLING = 4
_SHORTEST_WORD = 2
_LONGEST_UNIT = 3
_DIGITS = 10


class Weakness(StrEnum):
    """Why a password is not good enough."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_UPPER = "no_upper"
    NO_LOWER = "no_lower"
    NO_DIGIT = "no_digit"
    COMMON = "common"
    REPETITIVE = "repetitive"
    EMAIL = "email"
    NAME = "name"
    ORGANIZATION = "organization"
    PRODUCT = "product"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Rules:
    """What a preset asks for. Lengths are in characters of the NFC form."""

    shortest: int
    mixed: bool  # upper-case, lower-case and digit
    longest: int = LONGEST


@dataclass(frozen=True)
class About:
    """What everybody knows of the person and the tenant: no part of a good password."""

    email: str = ""
    name: str = ""
    slug: str = ""
    organization: str = ""

    def words(self) -> tuple[tuple[Weakness, tuple[str, ...]], ...]:
        """Return the texts by what a password made of them is refused for."""
        return (
            (Weakness.EMAIL, (self.email,)),
            (Weakness.NAME, (self.name,)),
            (Weakness.ORGANIZATION, (self.slug, self.organization)),
            (Weakness.PRODUCT, (PRODUCT,)),
        )


def rules_of(preset: str, *, mfa_mandatory: bool = False) -> Rules:
    """Return what a preset asks for; `nist` asks for less where a second factor is mandatory."""
    if PasswordPreset(preset) is PasswordPreset.NIST:
        return Rules(_SHORTEST if mfa_mandatory else _SHORTEST_ALONE, mixed=False)
    return Rules(_SHORTEST, mixed=True)


def weaknesses(password: str, rules: Rules, about: About) -> list[Weakness]:
    """Return everything that is wrong with a password, nothing if it is good."""
    typed = unicodedata.normalize("NFC", password[: rules.longest])
    found = (
        (len(typed) < rules.shortest, Weakness.TOO_SHORT),
        (len(password) > rules.longest, Weakness.TOO_LONG),
        (rules.mixed and not any(map(str.isupper, typed)), Weakness.NO_UPPER),
        (rules.mixed and not any(map(str.islower, typed)), Weakness.NO_LOWER),
        (rules.mixed and not any(map(str.isdigit, typed)), Weakness.NO_DIGIT),
        (_is_common(typed), Weakness.COMMON),
        (_is_repetitive(typed), Weakness.REPETITIVE),
        *((_is_mostly(typed, known), weakness) for weakness, known in about.words()),
    )
    return [weakness for weak, weakness in found if weak]


def _is_common(password: str) -> bool:
    written = plain(password)
    return is_common(written) or is_common(written[: _unit(written)])


def _is_repetitive(password: str) -> bool:
    """Tell whether it repeats up to three characters, or is one row like abcdef or 98765."""
    written = plain(password)
    steps = {ord(b) - ord(a) for a, b in pairwise(written)}
    if written.isdecimal():  # after 9 comes 0
        steps = {(step + 1) % _DIGITS - 1 for step in steps}
    return steps in ({1}, {-1}) or _unit(written) < min(len(written), _LONGEST_UNIT + 1)


def _unit(password: str) -> int:
    """Return the length of what the password repeats: its own where it repeats nothing."""
    return (password + password).find(password, 1) if password else 0


def _is_mostly(password: str, known: Iterable[str]) -> bool:
    """Tell whether something known makes up half of the password, or all but a few characters."""
    written, inner = _letters(password), _letters(core(password))
    return any(
        (len(word) >= _SHORTEST_WORD and word == inner)
        or (len(word) >= _TELLING and word in written and 2 * len(word) >= len(written))
        for text in known
        for word in _words(text)
    )


def _words(text: str) -> set[str]:
    """Return the text as a whole and its parts, letters and digits only."""
    parts = "".join(c if c.isalnum() else " " for c in text).split()
    return {_letters(part) for part in (text, *text.split("@"), *parts)}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, plain(text)))
