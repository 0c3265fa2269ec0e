"""What people are told by mail about their passkeys."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.events import Actor
from authserver.audit.whence import whence
from authserver.delivery.outbox import Message


def added(user: UserSnapshot, name: str, by: Actor, *, now: datetime) -> Message:
    """Return the mail that says which passkey was added, when and from where."""
    return to_person(user, "passkey_added", {"passkey": name, **whence(by, now)})


def renamed(user: UserSnapshot, name: str, by: Actor, *, now: datetime) -> Message:
    """Return the mail that says what a passkey is called from now on."""
    return to_person(user, "passkey_renamed", {"passkey": name, **whence(by, now)})


def removed(user: UserSnapshot, name: str, by: Actor, *, now: datetime) -> Message:
    """Return the mail that says which passkey was removed, when and from where."""
    return to_person(user, "passkey_removed", {"passkey": name, **whence(by, now)})


def repeated(user: UserSnapshot, name: str, by: Actor, *, now: datetime) -> Message:
    """Return the mail about a passkey that may have been copied."""
    return to_person(user, "passkey_repeated", {"passkey": name, **whence(by, now)})
