"""The passwords that attackers try first: the 30,000 most common ones, from zxcvbn's lists.

They are read when a password is first chosen, never at start: 40 ms and 15 MB, once in a process.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

_SHORTEST_WORD = 3
# A common password with up to this many digits and symbols around it is common, too: that leaves
# room for a date, or for counting to ten.
_FEW = 10


def plain(text: str) -> str:
    """Return the form in which passwords and words are compared: NFKC, case-folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def is_common(password: str) -> bool:
    """Tell whether it is a common password, or one with a few digits or symbols around it."""
    written = plain(password)
    return any(core in _common() for core in _cores(written))


def core(password: str) -> str:
    """Return what is left between a few digits and symbols, all of it where there are many."""
    written = plain(password)
    first, last = _letters_of(written)
    inner = written[first:last]
    return inner if len(written) - len(inner) <= _FEW else written


def _cores(written: str) -> Iterator[str]:
    """Return what is left when a few digits and symbols at the ends are taken away."""
    first, last = _letters_of(written)
    for start in range(min(first, _FEW) + 1):
        shortest = max(last, len(written) - (_FEW - start), start + _SHORTEST_WORD)
        for end in range(shortest, len(written) + 1):
            yield written[start:end]


def _letters_of(written: str) -> tuple[int, int]:
    """Return where the letters begin and end: at the end, and at the beginning, if none."""
    found = [place for place, character in enumerate(written) if character.isalpha()]
    return (found[0], found[-1] + 1) if found else (len(written), 0)


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  slow, and rarely needed

    return frozenset(map(plain, FREQUENCY_LISTS["passwords"]))
