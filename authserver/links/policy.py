"""What a mailed link is for, where it leads, and when it is still good."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """Everything that a link can be for. A link is unknown wherever another one is wanted."""

    RESET_PASSWORD = "reset_password"  # noqa: S105  a purpose, not a secret
    VERIFY_EMAIL = "verify_email"
    UNLOCK = "unlock"
    CHANGE_EMAIL = "change_email"
    KEEP_EMAIL = "keep_email"


PATHS = {
    Purpose.RESET_PASSWORD: "/login/recover/new",
    Purpose.VERIFY_EMAIL: "/login/verify",
    Purpose.UNLOCK: "/login/recover/unlock",
    Purpose.CHANGE_EMAIL: "/login/email/confirm",
    Purpose.KEEP_EMAIL: "/login/email/keep",
}
# A new one of these takes the place of those before it.
ONE_AT_A_TIME = frozenset(
    {Purpose.VERIFY_EMAIL, Purpose.UNLOCK, Purpose.CHANGE_EMAIL, Purpose.KEEP_EMAIL}
)


# Of an hour. With two mails or more, no half hour after one is without another that can be had.
KEPT_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class Terms:
    """What a link is bound to: its issuer, and the address and version of its account at issue."""

    issuer: str
    address: str
    user_epoch: int
    expires_at: datetime
    used: bool


@dataclass(frozen=True)
class Present:
    """Where and when a link is presented, and how its account is now."""

    issuer: str
    address: str
    user_epoch: int
    now: datetime
    closed: bool


def is_good(terms: Terms, present: Present) -> bool:
    """Tell whether a link may still be used.

    The epoch moves with every change of password and when the account is disabled: a link that
    was mailed before is worth nothing afterwards (TOP-11).
    """
    return (
        not terms.used
        and not present.closed
        and present.now < terms.expires_at
        and terms.issuer == present.issuer
        and terms.address == present.address
        and terms.user_epoch == present.user_epoch
    )


class Outcome(StrEnum):
    """What became of a request for a new password: for the trail alone."""

    MAILED = "mailed"
    UNKNOWN = "unknown_account"
    TENANT_SUSPENDED = "tenant_suspended"
    DISABLED = "account_disabled"
    TOO_MANY = "too_many_mails"


@dataclass(frozen=True)
class Mails:
    """What was mailed before: `lately`, of the asker's share in the last hour; `fresh` links.

    A link is fresh that can be used, or that was mailed less than half an hour ago and died of
    nothing but its age.
    """

    lately: int = 0
    fresh: int = 0


def are_enough(mails: Mails, *, most: int) -> bool:
    """Tell whether there is no further mail.

    The number of an hour is never passed. The last one of it is kept until no link is fresh: so
    whoever uses up the share in somebody's name leaves a link in the mailbox, or the next request
    sends one; and however short links live, half an hour after a mail there is another one.
    """
    return mails.lately >= most or (mails.fresh > 0 and mails.lately >= most - 1)


@dataclass(frozen=True)
class Asked:
    """What the database says of an account for which a new password was asked."""

    suspended: bool
    disabled: bool
    mails: Mails


def answer(asked: Asked | None, *, most_mails: int) -> Outcome:
    """Return whether a mail is sent, and if not, why."""
    if asked is None:
        return Outcome.UNKNOWN
    reasons = (
        (asked.suspended, Outcome.TENANT_SUSPENDED),
        (asked.disabled, Outcome.DISABLED),
        (are_enough(asked.mails, most=most_mails), Outcome.TOO_MANY),
    )
    return next((outcome for applies, outcome in reasons if applies), Outcome.MAILED)
