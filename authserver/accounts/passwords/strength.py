"""How hard a password is to guess, from 0 to 4, and why it is not harder.

A pure function of zxcvbn's estimate and of the policy. The policy alone decides what is allowed:
the number is for people.
"""

from dataclasses import dataclass

from authserver.accounts.passwords.policy import About, Rules, Weakness, weaknesses
from authserver.accounts.passwords.words import Hint, Reason, reason

WEAKEST, STRONGEST = 0, 4
_WEAK, _GOOD = 1, 3
# zxcvbn raises above 72 characters, and some of 40 hold a processor up for seconds. What is behind
# would only make the password stronger.
_LOOKED_AT = 20
_HINTS = {
    "repeat": Hint.REPEATS,
    "sequence": Hint.ROWS,
    "spatial": Hint.KEYS,
    "date": Hint.DATES,
    "regex": Hint.DATES,
    "dictionary": Hint.WORDS,
}


@dataclass(frozen=True)
class Strength:
    """The score, what the policy refuses, and the reasons in words."""

    score: int
    found: tuple[Weakness, ...]
    reasons: tuple[Reason, ...]


def strength(password: str, rules: Rules, about: About) -> Strength:
    """Return how good a password is; one that the policy refuses is never better than 1."""
    found = tuple(weaknesses(password, rules, about))
    score, pattern = _estimate(password)
    if found:
        return Strength(min(score, _WEAK), found, tuple(reason(one, rules) for one in found))
    hints = (_HINTS[pattern],) if score < _GOOD and pattern else ()
    return Strength(score, (), tuple(reason(hint, rules) for hint in hints))


def _estimate(password: str) -> tuple[int, str]:
    """Return zxcvbn's score, and the pattern of the longest part that it recognised."""
    if not password:
        return WEAKEST, ""
    from zxcvbn import zxcvbn  # noqa: PLC0415  slow, and rarely needed

    # Without what is known of the person: zxcvbn keeps that in a global, for every thread to see.
    estimate = zxcvbn(password[:_LOOKED_AT])
    known = [part for part in estimate["sequence"] if part["pattern"] in _HINTS]
    longest = max(known, key=lambda part: len(part["token"]), default={"pattern": ""})
    return int(estimate["score"]), str(longest["pattern"])
