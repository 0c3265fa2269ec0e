"""When a second factor is due, and how often somebody may guess. Values in, decision out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

HOUR = timedelta(hours=1)
CODES = 10
TELLING = 3  # wrong codes in one sign-in at which a person is told that the password is known
FEW_CODES = 3  # at which a person is told to make new ones
MOST_APPS = 10  # each is compared at every sign-in
# What was proved, in the words of RFC 8176. A backup code is a one-time password, too; `fed` is a
# word of ours: a provider said who it is.
PASSWORD, FEDERATED, CODE = ("pwd",), ("fed",), ("otp", "mfa")


class Method(StrEnum):
    """What proves the second factor. The value stands in the trail."""

    TOTP = "totp"
    BACKUP_CODE = "backup_code"
    PASSKEY = "passkey"


def is_due(*, has_factor: bool, mandatory: bool, asked: bool, trusted: bool = False) -> bool:
    """Tell whether a password alone is not enough.

    Who has a factor is asked for it, except in a browser that they trust; `mandatory` is the
    tenant's rule, `asked` the client's wish (`acr_values`), and neither is met by trust.
    """
    return mandatory or asked or (has_factor and not trusted)


def may_remove(*, left: int, mandatory: bool) -> bool:
    """Tell whether a factor may go; `left` is how many there are without it."""
    return left > 0 or not mandatory


@dataclass(frozen=True)
class GuessRules:
    """How many wrong codes are allowed: in one sign-in, in an hour, and in a row at all."""

    in_a_flow: int
    in_an_hour: int
    in_a_row: int


@dataclass(frozen=True)
class Guesses:
    """Wrong codes so far: of this sign-in, and of the account over all of them."""

    in_this_flow: int = 0
    recent: tuple[datetime, ...] = ()
    in_a_row: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Tell whether the account's hour is used up."""
        return self.locked_until is not None and now < self.locked_until


def is_closed(guesses: Guesses, rules: GuessRules, now: datetime) -> bool:
    """Tell whether the account takes no codes at all for now, whatever the sign-in."""
    return guesses.is_locked(now) or guesses.in_a_row >= rules.in_a_row


def may_guess(guesses: Guesses, rules: GuessRules, now: datetime) -> bool:
    """Tell whether a code may be compared at all."""
    return not is_closed(guesses, rules, now) and guesses.in_this_flow < rules.in_a_flow


def is_telling(guesses: Guesses, rules: GuessRules) -> bool:
    """Tell whether this is the wrong code at which the person is told: one of each sign-in."""
    return guesses.in_this_flow == min(TELLING, rules.in_a_flow)


def after_guess(guesses: Guesses, rules: GuessRules, now: datetime) -> Guesses:
    """Return the counts with one more guess, which is taken to be wrong.

    The one that fills the hour locks for another hour: so there are never more than that many in
    any sixty minutes, and one mail tells of it.
    """
    recent = (*(moment for moment in guesses.recent if moment > now - HOUR), now)
    locks = len(recent) >= rules.in_an_hour
    return Guesses(
        in_this_flow=guesses.in_this_flow + 1,
        recent=() if locks else recent,
        in_a_row=guesses.in_a_row + 1,
        locked_until=now + HOUR if locks else None,
    )


def after_right_code(guesses: Guesses) -> Guesses:
    """Return the counts when the guess was right: what was wrong in the last hour still counts.

    Otherwise every sign-in of the owner would give somebody else, who knows the password, another
    ten guesses.
    """
    return replace(guesses, in_a_row=0)
