"""What people are told by mail about their account."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor
from authserver.audit.whence import whence, written
from authserver.delivery.outbox import Message


def account_locked(
    user: UserSnapshot, actor: Actor, *, until: datetime, now: datetime, unlock_url: str = ""
) -> Message:
    """Return the mail that says when, from where and until when an account was locked.

    `unlock_url` leads to the page that lifts the lock; empty where no link does.
    """
    values = {"until": written(until), "unlock_url": unlock_url, **whence(actor, now)}
    return to_person(user, "account_locked", values)


def new_browser(user: UserSnapshot, actor: Actor, *, issuer: str, now: datetime) -> Message:
    """Return the mail about a sign-in in a browser that the account does not know.

    `issuer` is the URL of where that was: there the session can be ended.
    """
    values = {"sessions_url": f"{issuer}/account/sessions", **whence(actor, now)}
    return to_person(user, "new_browser", values)


def wrong_passwords_before(
    user: UserSnapshot, actor: Actor, *, failures: int, now: datetime
) -> Message:
    """Return the mail about a right password that came after many wrong ones."""
    values = {"failures": str(failures), **whence(actor, now)}
    return to_person(user, "wrong_passwords_before", values)


def password_changed(user: UserSnapshot, actor: Actor, *, now: datetime) -> Message:
    """Return the mail that says when and from where the password was changed."""
    return to_person(user, "password_changed", whence(actor, now))


def sessions_ended(user: UserSnapshot, *, now: datetime) -> Message:
    """Return the mail that says that an administrator ended what was signed in."""
    return to_person(user, "signed_out_everywhere", {"time": written(now)})


def application_signed_out(user: UserSnapshot, application: str, *, now: datetime) -> Message:
    """Return the mail that says which application lost its access, and when, because of a reuse.

    Not from where: a confidential client calls from its own servers, which tells a person nothing.
    """
    values = {"application": application, "time": written(now)}
    return to_person(user, "application_signed_out", values)


def to_person(user: UserSnapshot, template: str, values: dict[str, str]) -> Message:
    """Address a mail to the account's stored address, whatever was typed (ATK-147)."""
    return Message(
        tenant_id=user.tenant_id,
        user_id=user.id,
        to=user.email,
        template=template,
        locale=user.locale,
        values={"name": user.name, **values},
    )
