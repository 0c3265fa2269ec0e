"""What follows wrong passwords, and what an account may be called. Values in, decision out."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authserver.core.problems import Problem
from authserver.core.said import said
from authserver.settings import LANGUAGES

MAX_NAME = 120
_LONGEST_LOCK = timedelta(hours=24)
MANY_FAILURES = 5  # wrong passwords in a row that a person is told of once the right one comes
_DOUBLINGS = 17  # from a second to over a day, without an overflow from years
# Controls, lone surrogates, line and paragraph separators.
_UNFIT_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They reverse what is around them: "nna" beside an address reads as another address.
_BIDI_CONTROLS = frozenset(
    "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@dataclass(frozen=True)
class LockoutRules:
    """How many wrong passwords in a row lock, for how long first, and when a reset is due."""

    attempts: int
    first_lock: timedelta
    reset_attempts: int


@dataclass(frozen=True)
class Streak:
    """Wrong passwords in a row, and the end of the lock they led to."""

    failures: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Tell whether even the right password is refused."""
        return self.locked_until is not None and now < self.locked_until


def after_failure(streak: Streak, rules: LockoutRules, now: datetime) -> Streak:
    """Return the streak with one more failure; every fifth locks, each time for twice as long."""
    failures = streak.failures + 1
    locks, rest = divmod(failures, rules.attempts)
    return Streak(failures, None if rest else now + lock_time(locks, rules))


def lock_time(locks: int, rules: LockoutRules) -> timedelta:
    """Return how long the first, second, ... lock in a row lasts: at most a day."""
    doublings = min(locks - 1, _DOUBLINGS)
    return min(rules.first_lock * (1 << doublings), max(_LONGEST_LOCK, rules.first_lock))


class Refusal(StrEnum):
    """Why a sign-in was refused: for the trail alone, nobody outside learns it."""

    UNKNOWN = "unknown_account"
    TENANT_SUSPENDED = "tenant_suspended"
    DISABLED = "account_disabled"
    CHANGED = "account_changed_meanwhile"
    NO_PASSWORD = "no_password"  # noqa: S105  a reason, not a secret
    LOCKED = "locked"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  a reason, not a secret
    RESET_REQUIRED = "password_reset_required"
    PASSWORD_OVER = "temporary_password_over"  # noqa: S105  a reason, not a secret


@dataclass(frozen=True)
class Standing:
    """What the database says of an account at the moment of the decision."""

    suspended: bool
    disabled: bool
    changed: bool
    has_password: bool
    locked: bool
    reset_required: bool
    password_over: bool

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing can be done with the account, or with what was read of it."""
        return self.suspended or self.disabled or self.changed


def judge(standing: Standing | None, *, password_ok: bool) -> Refusal | None:
    """Return why the sign-in is refused, None if it is not. No standing: no account."""
    if standing is None:
        return Refusal.UNKNOWN
    reasons = (
        (standing.suspended, Refusal.TENANT_SUSPENDED),
        (standing.disabled, Refusal.DISABLED),
        (standing.changed, Refusal.CHANGED),
        (not standing.has_password, Refusal.NO_PASSWORD),
        (standing.locked, Refusal.LOCKED),
        (not password_ok, Refusal.WRONG_PASSWORD),
        (standing.reset_required, Refusal.RESET_REQUIRED),
        (standing.password_over, Refusal.PASSWORD_OVER),
    )
    return next((refusal for applies, refusal in reasons if applies), None)


def counts(standing: Standing | None, *, password_ok: bool) -> bool:
    """Tell whether the attempt is one of the failures in a row.

    During a lock nothing counts: the answer is no whatever the password, so nothing is learnt. Nor
    where no password could open the account.
    """
    if standing is None or password_ok:
        return False
    return standing.has_password and not standing.is_closed and not standing.locked


def has_controls(name: str) -> bool:
    """Tell whether a person's name has characters that are none, or turn what is around them."""
    return any(
        unicodedata.category(one) in _UNFIT_CATEGORIES or one in _BIDI_CONTROLS for one in name
    )


class UnfitAccount(Problem):
    """The account cannot be made like this."""

    code = "unfit_account"
    title = "The account cannot be made like this"


def check_name(name: str) -> str:
    """Return a person's name in NFC. Raises UnfitAccount."""
    clean = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(clean) <= MAX_NAME:
        raise UnfitAccount(
            said("A name has 1 to %(max_name)s characters.", max_name=MAX_NAME), field="name"
        )
    if has_controls(clean):
        raise UnfitAccount("A name has no control characters.", field="name")
    return clean


def check_locale(locale: str | None) -> str | None:
    """Return a language of the pages, or none. Raises UnfitAccount."""
    if locale is not None and locale not in LANGUAGES:
        raise UnfitAccount(
            said("A language is one of %(languages)s.", languages=", ".join(LANGUAGES)),
            field="locale",
        )
    return locale
