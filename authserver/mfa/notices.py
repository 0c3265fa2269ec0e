"""What people are told by mail about their second factor."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person, whence, written
from authserver.audit.events import Actor
from authserver.delivery.outbox import Message
from authserver.mfa.policy import FEW_CODES


def factor_added(user: UserSnapshot, by: Actor, now: datetime) -> Message:
    """Return the mail that says when and from where an authenticator app was set up."""
    return to_person(user, "factor_added", whence(by, now))


def factor_locked(
    user: UserSnapshot, by: Actor, *, until: datetime, closed: bool, now: datetime
) -> Message:
    """Return the mail about too many wrong codes. `closed`: only an administrator helps now."""
    values = {"until": "" if closed else written(until), **whence(by, now)}
    return to_person(user, "factor_locked", values)


def backup_code_used(user: UserSnapshot, by: Actor, *, left: int, now: datetime) -> Message:
    """Return the mail about a used backup code, with a warning where few are left."""
    values = {"left": str(left), "few": "yes" if left <= FEW_CODES else "", **whence(by, now)}
    return to_person(user, "backup_code_used", values)


def factors_reset(user: UserSnapshot, now: datetime) -> Message:
    """Return the mail that says that an administrator took the second factor away."""
    return to_person(user, "factors_reset", {"time": written(now)})
