"""The mails about a security contact. Nobody knows a mailbox's language: the tenant's holds."""

from dataclasses import dataclass
from datetime import datetime

from authserver.audit.contacts.links import LIFE
from authserver.audit.contacts.values import Organization
from authserver.audit.events import Actor
from authserver.audit.whence import whence, written
from authserver.delivery.outbox import Message


@dataclass(frozen=True)
class Change:
    """A change of an organization's contact, to `new`, empty for nobody: who made it, and when."""

    whose: Organization
    new: str
    actor: Actor
    now: datetime


def confirm(change: Change, url: str) -> Message:
    """Return the mail to a new mailbox with the link by which it becomes the contact."""
    values = {
        "organization": change.whose.name,
        "link": url,
        "until": written(change.now + LIFE),
    }
    return _to(change, change.new, template="trail_contact_confirm", values=values)


def will_change(change: Change, present: str) -> Message:
    """Return the mail to the present contact about a change that waits."""
    return _to(change, present, template="trail_contact_will_change", values=_about(change))


def changed(change: Change, before: str) -> Message:
    """Return the mail to the contact of before: the last one that it gets."""
    return _to(change, before, template="trail_contact_changed", values=_about(change))


def _about(change: Change) -> dict[str, str]:
    values = {"organization": change.whose.name, "new_email": change.new}
    return values | whence(change.actor, change.now)


def _to(change: Change, to: str, *, template: str, values: dict[str, str]) -> Message:
    return Message(change.whose.id, None, to, template, values)
