"""What a stored hash says of itself, and which hashes of others may come in.

Our own forms are `hmac-bcrypt$2b$...` and `hmac-argon2$argon2id$...`; without the prefix, the hash
was imported and is over the password itself.
"""

import re
from dataclasses import dataclass
from importlib.util import find_spec

from authserver.core.problems import Problem
from authserver.core.said import said

BCRYPT, ARGON2 = "bcrypt", "argon2"
COLUMN = 128  # characters of users.password_hash
HIGHEST_ROUNDS = 16
_PREFIX = re.compile(rf"(?:hmac-({BCRYPT}|{ARGON2}))?(\$.+)", re.DOTALL)
_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_ARGON2 = re.compile(
    r"\$argon2(?:id|i)\$v=(?:16|19)\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}"
)
_LOWEST_ROUNDS = 4
# What an import may cost at each sign-in, a refused one included: a dearer hash would be a way to
# keep processors and memory busy.
_IMPORTED_ROUNDS = 14
_MEMORY = 64 * 1024  # KiB
_WORK = 4 * _MEMORY  # KiB written, over all passes
_LANES = 16
_LEAST_MEMORY = 8  # KiB for each lane (RFC 9106 section 3.1)


class UnfitHash(Problem):
    """The hash cannot be imported; the description says why."""

    code = "unfit_password_hash"
    title = "The password hash cannot be imported"


@dataclass(frozen=True)
class Argon2Cost:
    """Memory in KiB, passes over it, and lanes."""

    memory: int
    passes: int
    lanes: int

    @property
    def work(self) -> int:
        """Return the KiB that are written over all passes."""
        return self.memory * self.passes


@dataclass(frozen=True)
class Stored:
    """A hash taken apart. `cost` is bcrypt's logarithm, or Argon2's numbers."""

    algorithm: str
    peppered: bool
    text: str
    cost: int | Argon2Cost


def parse(stored: str) -> Stored | None:
    """Return the parts of a stored hash; None for what this program would not compute."""
    form = _PREFIX.fullmatch(stored)
    if form is None:
        return None
    found = _bcrypt(form[2]) or _argon2(form[2])
    if found is None or form[1] not in {None, found.algorithm}:
        return None
    return Stored(found.algorithm, form[1] is not None, found.text, found.cost)


def has_argon2() -> bool:
    """Tell whether the extra `argon2` is installed, without loading it."""
    return find_spec("argon2") is not None


def check_import(text: str) -> str:
    """Return a hash of somebody else's that is safe to store. Raises UnfitHash."""
    found = parse(text)
    if found is None or found.peppered or len(text) > COLUMN:
        raise UnfitHash(
            said(
                "The hash is neither bcrypt ($2a$, $2b$ or $2y$) nor Argon2id "
                "or Argon2i in the PHC form, of at most %(column)s characters, "
                "with at most %(memory)s MiB of memory, %(work)s MiB over all "
                "passes and %(lanes)s lanes.",
                column=COLUMN,
                memory=_MEMORY // 1024,
                work=_WORK // 1024,
                lanes=_LANES,
            )
        )
    if isinstance(found.cost, int) and found.cost > _IMPORTED_ROUNDS:
        raise UnfitHash(
            said(
                "The hash has a bcrypt cost of %(cost)s, at most "
                "%(imported_rounds)s is allowed: every sign-in would compute "
                "it.",
                cost=found.cost,
                imported_rounds=_IMPORTED_ROUNDS,
            )
        )
    if found.algorithm == ARGON2 and not has_argon2():
        raise UnfitHash("Argon2 is not installed: pip install 'authserver[argon2]'.")
    return text


def _bcrypt(text: str) -> Stored | None:
    form = _BCRYPT.fullmatch(text)
    if form is None or not _LOWEST_ROUNDS <= int(form[1]) <= HIGHEST_ROUNDS:
        return None
    return Stored(BCRYPT, False, text, int(form[1]))


def _argon2(text: str) -> Stored | None:
    form = _ARGON2.fullmatch(text)
    if form is None:
        return None
    cost = Argon2Cost(*map(int, form.groups()))
    fits = 1 <= cost.lanes <= _LANES and _LEAST_MEMORY * cost.lanes <= cost.memory <= _MEMORY
    if not fits or cost.passes < 1 or cost.work > _WORK:
        return None
    return Stored(ARGON2, False, text, cost)
